"""The running table of rules, read from `triage.toml` and checked: nonsense is refused with its line and the reason."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from portal.side_effects.bands import Band, Row, typed
from portal.side_effects.checks import problems
from portal.side_effects.layout import Answer, Flag, FlagGroup, Stage, Step, Table
from portal.side_effects.rules import Level, Rule

PARTS = tuple(one.name for one in fields(Table))
_SYNTAX = re.compile(r"(?P<why>.*?) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)
_LONG = re.compile(r"[0-9_]{1000,}")
_UNKNOWN = re.compile(r"unexpected keyword argument '(\w+)'")
_MISSING = re.compile(r"missing \d+ required positional arguments?: (.*)")


def read(text: str) -> Table:
    """A table from TOML. Raises ValueError: for each problem its line in the text, the row and the reason."""
    try:
        table = _table(text, _parsed(text))
        found = problems(table)
    except RecursionError as error:
        raise ValueError("line 1, the whole text: brackets stand in brackets too often") from error
    except (TypeError, AttributeError) as error:  # a list where a word should be, or the like
        raise ValueError(f"line 1, the whole text: something is of the wrong kind: {error}") from error
    if found:
        raise ValueError("\n".join(f"{_line(text, where)}{where}: {why}" for where, why in found))
    return table


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(_not_toml(text, error)) from error
    except ValueError as error:  # Python reads no number of thousands of digits
        long = _LONG.search(text)
        line = text.count("\n", 0, long.start() if long else 0) + 1
        raise ValueError(f"line {line}, a number: it has too many digits") from error


def _not_toml(text: str, error: tomllib.TOMLDecodeError) -> str:
    found = _SYNTAX.fullmatch(str(error))
    line = (found and found["line"]) or text.count("\n") + 1
    spot = f"column {found['column']}" if found and found["column"] else "the end of the text"
    return f"line {line}, {spot}: this cannot be read as TOML: {found['why'] if found else error}"


def _table(text: str, data: Mapping[str, Any]) -> Table:
    if strays := [name for name in data if name not in PARTS]:
        raise ValueError(
            "\n".join(
                f"{_line(text, name)}{name}: a table has no such part, only {', '.join(PARTS)}" for name in strays
            )
        )
    return Table(
        version=_part(text, data, "version", str),
        sources=_part(text, data, "sources", _texts),
        bands=_part(text, data, "bands", lambda some: {name: _band(text, name, rows) for name, rows in some.items()}),
        course=_part(text, data, "course", lambda rows: tuple(typed(Stage, row) for row in rows)),
        scales=_part(text, data, "scales", _scales),
        red_flags=_part(text, data, "red_flags", lambda rows: tuple(_group(row) for row in rows)),
        rules=tuple(_rule(text, row) for row in _part(text, data, "rules", list)),
        say=_part(text, data, "say", _texts),
        answers=_part(text, data, "answers", lambda some: {name: _answer(one) for name, one in some.items()}),
    )


def _part(text: str, data: Mapping[str, Any], name: str, build: Any) -> Any:
    """One part of the table, or what is wrong with it."""
    try:
        return build(data[name])
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{_line(text, name)}{name}: {_reason(error)}") from error


def _band(text: str, name: str, rows: Any) -> Band:
    made = []
    for number, row in enumerate(rows, 1):
        where = f"band {name}, row {number}"
        try:
            made.append(typed(Row, {**row, "source": tuple(row["source"])}))
        except (TypeError, KeyError) as error:
            raise ValueError(f"{_line(text, where)}{where}: {_reason(error)}") from error
    return Band(name, tuple(made))


def _texts(some: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(text) for name, text in some.items()}


def _scales(some: Mapping[str, Any]) -> dict[str, tuple[Step, ...]]:
    return {name: tuple(typed(Step, step) for step in steps) for name, steps in some.items()}


def _group(row: Mapping[str, Any]) -> FlagGroup:
    return typed(FlagGroup, {"group": row["group"], "flags": tuple(typed(Flag, flag) for flag in row["flags"])})


def _answer(one: Mapping[str, Any]) -> Answer:
    return typed(Answer, {"title": one["title"], "lead": one["lead"], "todo": tuple(map(str, one["todo"]))})


def _rule(text: str, row: Any) -> Rule:
    name = row.get("id", "?") if isinstance(row, Mapping) else row
    try:
        lists = {key: tuple(row[key]) for key in ("any", "all", "source") if key in row}
        return typed(Rule, {**row, **lists, "level": Level(row["level"])})
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{_line(text, f'rule {name}')}rule {name}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """What Python says of a row, in the words of the table."""
    if isinstance(error, KeyError):
        return f"“{error.args[0]}” is missing"
    if unknown := _UNKNOWN.search(str(error)):
        return f"there is no “{unknown[1]}” here"
    missing = _MISSING.search(str(error))
    return f"{missing[1]} is missing" if missing else str(error)


def _line(text: str, where: str) -> str:
    """“line 152, ” for a place like “rule U08” or “band itch, row 2”; where it is missing, the line of its part."""
    kind, _, name = where.partition(" ")
    name, _, row = name.partition(", row ")
    for pattern in (*_patterns(kind, name), *_patterns(kind.partition(".")[0], "")):
        if found := re.search(pattern, text, re.MULTILINE):
            return f"line {text.count(chr(10), 0, found.end()) + 1 + int(row or 0)}, "
    return f"line {text.count(chr(10)) + 1}, "


def _patterns(kind: str, name: str) -> list[str]:
    """How the head of a place may be written; without a name, that of the part it belongs to."""
    within, key = {"band": "bands", "scale": "scales"}.get(kind), rf"[\"']?{re.escape(name)}[\"']?\s*="
    if within:
        return [rf"(?s)^\[{within}\].*?^[ \t]*{key}"] if name else [rf"^\[{within}\]"]
    if kind == "rule":
        return [rf"^[ \t]*id\s*=\s*[\"']{re.escape(name)}[\"']"] if name else [r"^\[\[rules\]\]"]
    return [rf"^[ \t]*(\[\[?{re.escape(kind)}\b|[\"']?{re.escape(kind)}[\"']?\s*=)"]


SHIPPED = (Path(__file__).parent / "triage.toml").read_text("utf-8")
RUNNING = read(SHIPPED)
