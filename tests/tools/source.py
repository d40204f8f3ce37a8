"""The portal's own source as trees: what the structure test and `python -m tests.measure` look at. Imports nothing."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
HTTP_VERBS = {"get", "post", "put", "patch", "delete", "api_route"}

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """A function or method, nested ones too."""

    file: Path
    node: FunctionNode

    @property
    def place(self) -> str:
        """Where it is, as an editor opens it."""
        return f"{relative(self.file)}:{self.node.lineno} {self.node.name}()"

    @property
    def lines(self) -> int:
        """Lines with code from `def` to the end: neither decorators, docstring nor blank lines."""
        written = range(self.node.lineno, (self.node.end_lineno or self.node.lineno) + 1)
        told = docstring_lines(self.node)
        text = source(self.file).splitlines()
        return sum(1 for number in written if number not in told and text[number - 1].strip())

    @property
    def is_route(self) -> bool:
        """Whether a decorator such as `@router.get(…)` makes it one."""
        called = (part.func for part in self.node.decorator_list if isinstance(part, ast.Call))
        return any(isinstance(part, ast.Attribute) and part.attr in HTTP_VERBS for part in called)


def python_files(*folders: str) -> list[Path]:
    """Every Python file under these folders of the project, but for what alembic writes."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "versions" not in path.parts and "__pycache__" not in path.parts)


def features() -> list[Path]:
    """The folders of `portal/` that are features: all but the kit, the demo and the migrations."""
    apart = {"kit", "demo", "migrations"}
    return sorted(path.parent for path in (ROOT / "portal").glob("*/__init__.py") if path.parent.name not in apart)


def part(feature: Path, name: str) -> list[Path]:
    """A part of a feature, such as `routes`: one file, or the files of the package it grew into."""
    return sorted(path for path in [feature / f"{name}.py", *feature.glob(f"{name}/**/*.py")] if path.is_file())


def parts(name: str) -> list[Path]:
    """That part of every feature."""
    return [path for feature in features() for path in part(feature, name)]


@cache
def source(path: Path) -> str:
    """The text of a file, read once."""
    return path.read_text("utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """The file parsed, once."""
    return ast.parse(source(path), str(path))


@cache
def functions(path: Path) -> tuple[Function, ...]:
    """Every function of the file."""
    return tuple(Function(path, node) for node in ast.walk(tree(path)) if isinstance(node, FunctionNode))


def code_lines(path: Path) -> int:
    """Lines that are not blank, in any kind of file."""
    return sum(1 for line in source(path).splitlines() if line.strip())


def docstring_lines(node: FunctionNode | ast.ClassDef | ast.Module) -> range:
    """The line numbers its docstring takes."""
    if ast.get_docstring(node) is None:
        return range(0)
    first = node.body[0]
    return range(first.lineno, (first.end_lineno or first.lineno) + 1)


def defined_names(path: Path) -> Iterator[tuple[int, str]]:
    """Every name the file itself gives to something, with its line: not the names it imports or merely uses."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name


def route_names() -> dict[str, list[str]]:
    """The name of every route, as its decorator gives it, and the places that give it."""
    found: dict[str, list[str]] = {}
    for function in (function for path in parts("routes") for function in functions(path) if function.is_route):
        for keyword in (keyword for call in function.node.decorator_list for keyword in getattr(call, "keywords", ())):
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                found.setdefault(str(keyword.value.value), []).append(function.place)
    return found


def used_route_names() -> list[tuple[str, str]]:
    """(place, route name) wherever Python sends somebody: `redirect(request, name)`, `NavItem(label, name)`."""
    return _second_arguments({"redirect", "url", "NavItem"})


def used_templates() -> list[tuple[str, str]]:
    """(place, template) wherever a page is rendered: `render(request, template)`."""
    return _second_arguments({"render"})


def _second_arguments(callees: set[str]) -> list[tuple[str, str]]:
    return [
        (f"{relative(path)}:{node.lineno}", str(node.args[1].value))
        for path in python_files("portal")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in callees
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    ]


def relative(path: Path) -> str:
    """The path as the project calls it."""
    return path.relative_to(ROOT).as_posix()
