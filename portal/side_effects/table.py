"""The running table of rules, read from `triage.toml` and checked: nonsense is refused with its line and the reason."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal.side_effects.bands import band_of, typed
from portal.side_effects.checks import problems
from portal.side_effects.layout import Answer, Flag, FlagGroup, Stage, Step, Table
from portal.side_effects.rules import Level, Rule


def read(text: str) -> Table:
    """A table from TOML. Raises ValueError: for each problem its line in the text, the row and the reason."""
    table = _table(text, tomllib.loads(text))
    try:
        found = problems(table)
    except (TypeError, AttributeError) as error:  # a list where a word should be, or the like
        raise ValueError(f"something in the table is of the wrong kind: {error}") from error
    if found:
        raise ValueError("\n".join(f"{_line(text, where)}{where}: {why}" for where, why in found))
    return table


def _table(text: str, data: Mapping[str, Any]) -> Table:
    return Table(
        version=_part(text, data, "version", str),
        sources=_part(text, data, "sources", _texts),
        bands=_part(text, data, "bands", lambda some: {name: band_of(name, rows) for name, rows in some.items()}),
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
        raise ValueError(f"{_line(text, name)}{name}: {error}") from error


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
        raise ValueError(f"{_line(text, f'rule {name}')}rule {name}: {error}") from error


def _line(text: str, where: str) -> str:
    """“line 152, ” for a place like “rule U08” or “band itch, row 2”; nothing where it stands nowhere."""
    kind, _, name = where.partition(" ")
    name, _, row = name.partition(", row ")
    heads = {"rule": '^id = "{}"', "band": r"(?s)^\[bands\].*?^{} = ", "scale": r"(?s)^\[scales\].*?^{} = "}
    part = rf"^(\[\[?{re.escape(kind)}\b|{re.escape(kind)} = )"
    found = re.search(heads[kind].format(re.escape(name)) if kind in heads else part, text, re.MULTILINE)
    return f"line {text.count(chr(10), 0, found.end()) + 1 + int(row or 0)}, " if found else ""


RUNNING = read((Path(__file__).parent / "triage.toml").read_text("utf-8"))
