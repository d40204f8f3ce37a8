"""`python -m tests.measure`: how large the files and functions are, per area; circles of imports."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median, quantiles

import grimp

from tests.tools.source import ROOT, code_lines, features, functions, parts, python_files

PARTS = ("rules", "models", "queries", "forms", "service", "routes")


def main() -> None:
    """Print the table; sizes are non-blank lines, functions without their docstrings."""
    print(f"{'area':<22}{'files':>6}{'lines':>8}{'median/p90/max':>18}{'functions':>11}{'median/p90/max':>18}")
    for name, files in areas().items():
        sizes = [code_lines(path) for path in files]
        lengths = [function.lines for path in files if path.suffix == ".py" for function in functions(path)]
        numbers = f"{len(files):>6}{sum(sizes):>8}{spread(sizes):>18}"
        print(f"{name:<22}{numbers}" + (f"{len(lengths):>11}{spread(lengths):>18}" if lengths else ""))
    print(f"\n{len(features())} features; circular imports between packages: {' -> '.join(cycle()) or 'none'}")


def areas() -> dict[str, list[Path]]:
    """What is measured apart: the portal whole, its kit, each part of the features, tests, pages and styles."""
    return {
        "portal": python_files("portal"),
        "  kit": python_files("portal/kit"),
        "  features": [path for feature in features() for path in sorted(feature.rglob("*.py"))],
        **{f"    {name}": parts(name) for name in PARTS},
        "tests": python_files("tests"),
        "benchmarks": python_files("benchmarks"),
        "templates": sorted((ROOT / "templates").rglob("*.*")),
        "css": sorted((ROOT / "static").rglob("*.css")),
        "js": sorted((ROOT / "static").rglob("*.js")),
    }


def spread(sizes: Sequence[int]) -> str:
    """Median, 90th percentile and largest, as in 25/75/150."""
    if not sizes:
        return "-"
    return f"{median(sizes):.0f}/{percentile_90(sizes):.0f}/{max(sizes)}"


def percentile_90(sizes: Sequence[int]) -> float:
    """The size that nine in ten stay below."""
    return quantiles(sizes, n=10, method="inclusive")[-1] if len(sizes) > 1 else max(sizes, default=0)


def cycle() -> list[str]:
    """The packages of one circle of imports, or nothing. Reads the source; runs none of it."""
    graph = grimp.build_graph("portal", cache_dir=None)
    packages = graph.find_children("portal")
    knows: dict[str, set[str]] = {package: set() for package in packages}
    for importer in packages:
        for other in packages - {importer}:
            if graph.direct_import_exists(importer=importer, imported=other, as_packages=True):
                knows[importer].add(other)
    try:
        TopologicalSorter(knows).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


if __name__ == "__main__":
    main()
