"""The house keeps its shape: each check names the file and what it should be (docs/architecture.md says why)."""

import ast
import re
from pathlib import Path
from statistics import median

import pytest

from tests.measure import cycle, percentile_90
from tests.tools.source import (
    ROOT,
    Function,
    code_lines,
    defined_names,
    features,
    functions,
    part,
    parts,
    python_files,
    relative,
    source,
    tree,
)

PORTAL = python_files("portal")
EVERYWHERE = python_files("portal", "tests", "benchmarks")
GUARDS = {"CurrentClient", "CurrentPractitioner", "CurrentAdmin", "CurrentStaff", "SignedIn", "Anyone"}
BANNED_MODULES = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}
ENVIRONMENT_READERS = {"portal/settings.py", "portal/cli.py"}

# Caps: non-blank lines. The median and the 90th percentile keep the ordinary file and function small.
FILE_CAP, FUNCTION_CAP, ROUTE_CAP, TEMPLATE_CAP, CSS_CAP = 300, 40, 15, 120, 200
FILE_MEDIAN, FILE_P90, FUNCTION_MEDIAN, FUNCTION_P90 = 70, 180, 8, 20


def test_every_feature_with_pages_has_templates_of_the_same_name():
    missing = [f"templates/{name}/" for name in _with_routes() if not (ROOT / "templates" / name).is_dir()]
    assert not missing, f"missing: {missing}"


def test_every_feature_has_tests_of_the_same_name():
    names = [feature.name for feature in features()]
    missing = [f"tests/{name}/test_*.py" for name in names if not list((ROOT / "tests" / name).glob("test_*.py"))]
    assert not missing, f"missing: {missing}"


def test_every_folder_of_tests_and_templates_belongs_to_something_in_the_portal():
    known = {feature.name for feature in features()} | {"kit", "demo", "migrations", "__pycache__"}
    known_tests = known | {"tools", "journeys", "gate"}
    known_templates = known | {"layouts", "ui", "errors"}
    strays = [path for path in (ROOT / "tests").glob("*/") if path.is_dir() and path.name not in known_tests]
    strays += [path for path in (ROOT / "templates").glob("*/") if path.is_dir() and path.name not in known_templates]
    assert not strays, f"no such feature: {sorted(map(relative, strays))}"


@pytest.mark.parametrize(
    "files, cap",
    [
        pytest.param(EVERYWHERE, FILE_CAP, id="python"),
        pytest.param(sorted((ROOT / "templates").rglob("*.*")), TEMPLATE_CAP, id="templates"),
        pytest.param(sorted((ROOT / "static").rglob("*.css")), CSS_CAP, id="css"),
    ],
)
def test_no_file_outgrows_its_cap(files, cap):
    large = [f"{relative(path)}: {code_lines(path)} lines" for path in files if code_lines(path) > cap]
    assert not large, f"over {cap} lines, split by what changes together: {large}"


def test_no_function_outgrows_its_cap():
    large = [
        f"{function.place}: {function.lines}" for function in _functions(EVERYWHERE) if function.lines > FUNCTION_CAP
    ]
    assert not large, f"over {FUNCTION_CAP} lines: {large}"


def test_no_route_outgrows_its_cap():
    large = [f"{route.place}: {route.lines}" for route in _routes() if route.lines > ROUTE_CAP]
    assert not large, f"over {ROUTE_CAP} lines; guard, form, one service call, page or redirect: {large}"


def test_the_ordinary_file_is_small():
    sizes = [size for path in PORTAL if (size := code_lines(path))]
    assert median(sizes) <= FILE_MEDIAN, f"median {median(sizes)} lines, cap {FILE_MEDIAN}"
    assert percentile_90(sizes) <= FILE_P90, f"90th percentile {percentile_90(sizes)} lines, cap {FILE_P90}"


def test_the_ordinary_function_is_small():
    sizes = [function.lines for function in _functions(PORTAL)]
    assert median(sizes) <= FUNCTION_MEDIAN, f"median {median(sizes)} lines, cap {FUNCTION_MEDIAN}"
    assert percentile_90(sizes) <= FUNCTION_P90, f"90th percentile {percentile_90(sizes)} lines, cap {FUNCTION_P90}"


def test_no_feature_commits_or_rolls_back():
    inside = [path for feature in features() for path in feature.rglob("*.py")]
    found = [place for path in inside for place in _calls(path, {"commit", "rollback"})]
    assert not found, f"the request's transaction commits or rolls back, nobody else: {found}"


def test_no_route_speaks_to_the_database():
    found = [
        place for path in parts("routes") for place in _calls(path, {"select", "exec", "execute", "scalars", "scalar"})
    ]
    assert not found, f"move it to queries.py or service.py: {found}"


def test_every_route_says_who_may_enter():
    open_doors = [route.place for route in _routes() if not GUARDS & _annotation_names(route)]
    assert not open_doors, f"take a parameter of one of {sorted(GUARDS)}: {open_doors}"


def test_a_features_init_is_a_docstring_and_nothing_else():
    full = [relative(feature) for feature in features() if not _is_docstring_only(tree(feature / "__init__.py"))]
    assert not full, f"__init__.py holds the feature in two sentences and no code: {full}"


def test_only_settings_and_the_command_line_read_the_environment():
    readers = [relative(path) for path in PORTAL if _attributes(path) & {"environ", "environb", "getenv"}]
    assert set(readers) <= ENVIRONMENT_READERS, f"take it from Settings: {set(readers) - ENVIRONMENT_READERS}"


def test_only_the_clock_tells_the_time():
    others = [path for path in PORTAL if path.name != "clock.py"]
    found = [place for path in others for place in _calls(path, {"utcnow"})]
    for kind, verb in (("datetime", "now"), ("datetime", "today"), ("date", "today")):
        found += [place for path in others for place in _calls_on(path, kind, verb)]
    assert not found, f"use portal.kit.clock.now(): {found}"


def test_no_module_is_a_drawer_for_odds_and_ends():
    drawers = [relative(path) for path in EVERYWHERE if BANNED_MODULES & {path.stem, path.parent.name}]
    assert not drawers, f"name it after what it does: {drawers}"


def test_an_import_that_waits_says_why():
    """Without a noqa ruff (PLC0415) lets none wait; the noqa must carry its reason: `# noqa: PLC0415 - reason`."""
    lines = [(path, line) for path in PORTAL for line in source(path).splitlines() if "PLC0415" in line]
    silent = [
        f"{relative(path)}: {line.strip()}" for path, line in lines if not re.search(r"PLC0415\S* - \w+ \w+", line)
    ]
    assert not silent, silent


def test_no_packages_import_each_other_in_a_circle():
    assert cycle() == []


def test_session_is_never_a_bare_word():
    """It could be the database's, the browser's or the clinic's: say db, sign_in, appointment or treatment_session.

    `session_number` and `sessions_planned` are the clinic's own terms: session n of N of a course.
    """
    found = [
        f"{relative(path)}:{line} {name}"
        for path in EVERYWHERE
        for line, name in defined_names(path)
        if not name.startswith("test_")
        and not name.isupper()
        and re.fullmatch(r"_?((db|user|web)_)?session(_id)?", _snake(name))
    ]
    assert not found, found


def test_every_public_function_of_the_kit_and_every_rule_is_documented():
    files = [*python_files("portal/kit"), *parts("rules")]
    silent = [
        f"{relative(path)}:{node.lineno} {node.name}"
        for path in files
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if not node.name.startswith("_") and ast.get_docstring(node) is None
    ]
    assert not silent, f"one sentence each: units, errors, the source of a clinical fact: {silent}"


def test_models_evaluate_their_annotations():
    postponed = [relative(path) for path in parts("models") if "annotations" in _future_imports(path)]
    assert not postponed, f"`from __future__ import annotations` breaks SQLModel's relationships: {postponed}"


def _with_routes() -> list[str]:
    return [feature.name for feature in features() if part(feature, "routes")]


def _functions(files: list[Path]) -> list[Function]:
    return [function for path in files for function in functions(path)]


def _routes() -> list[Function]:
    return [function for function in _functions(parts("routes")) if function.is_route]


def _calls(path: Path, names: set[str]) -> list[str]:
    """Places that call a function or method of one of these names."""
    called = [(node, node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    named = [(node, getattr(func, "attr", getattr(func, "id", ""))) for node, func in called]
    return [f"{relative(path)}:{node.lineno} {name}(" for node, name in named if name in names]


def _calls_on(path: Path, owner: str, method: str) -> list[str]:
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    return [f"{relative(path)}:{node.lineno}" for node in calls if ast.unparse(node.func).endswith(f"{owner}.{method}")]


def _attributes(path: Path) -> set[str]:
    nodes = ast.walk(tree(path))
    return {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in nodes
        if isinstance(node, ast.Attribute | ast.Name)
    }


def _annotation_names(function: Function) -> set[str]:
    arguments = function.node.args
    annotations = [
        arg.annotation for arg in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs] if arg.annotation
    ]
    return {name for annotation in annotations for name in re.findall(r"\w+", ast.unparse(annotation))}


def _is_docstring_only(module: ast.Module) -> bool:
    return ast.get_docstring(module) is not None and len(module.body) == 1


def _future_imports(path: Path) -> set[str]:
    nodes = [node for node in tree(path).body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    return {alias.name for node in nodes for alias in node.names}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
