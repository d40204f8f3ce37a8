"""Numbers and levels changed inside the text of a table; its comments, sources and order stay. Pure.

Each change is checked: what the patched text says must be what the old one said but for the change. A text that is
written in a way this cannot follow raises Unpatchable, and is changed as a text.
"""

import copy
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from portal.side_effects.bands import ENDLESS
from portal.side_effects.conditions import NUMBERS

_SIGNS = {">=": "at least", ">": "more than", "<": "less than", "<=": "at most"}
_WORDS = {
    "at_least": "at least",
    "after_h": "from hour",
    "from_h": "compared with reports from hour",
    "gap_h": "over hours",
}
_NAMES = {"hours": "hours after the session", "fever_c": "temperature in °C", "shedding_days": "days of hair fall"}
_BLOCK = re.compile(r"^\s*\[\[rules\]\]\s*(?:#.*)?$(.*?)(?=^\s*\[|\Z)", re.MULTILINE | re.DOTALL)
_IN_RULE = re.compile(
    r"""(?P<quote>["'])\w+ (?:>=|<=|>|<) (?P<limit>[\d.]+)(?P=quote)"""
    rf"""|\b(?:{"|".join(_WORDS)})\s*=\s*(?P<number>[\d.]+)"""
)
_LEVEL = re.compile(r"""^(\s*level\s*=\s*)["'][a-z]+["']""", re.MULTILINE)
_ROW = re.compile(r"\{[^{}]*\}")
_IN_ROW = re.compile(r"\b(until|usual|highest)(\s*=\s*)-?[\d.]+")


class Unpatchable(ValueError):  # noqa: N818 - it says what the text is
    """This text cannot be changed by fields."""


class Slot(NamedTuple):
    """One number of a rule: what it is about, and the number as it stands."""

    label: str
    value: str


class Numbers(NamedTuple):
    """One row of a band, each number as text; `until` of the last row stays."""

    until: str
    usual: str
    highest: str


def slots(row: Mapping[str, Any]) -> list[Slot]:
    """Every number in the conditions of a rule as it stands in the table, in its order."""
    found: list[Slot] = []

    def keep(slot: Slot) -> str:
        found.append(slot)
        return slot.value

    _changed(row, keep)
    return found


def with_rule(text: str, name: str, level: str, numbers: Sequence[str]) -> str:
    """A rule with another level and other numbers, as many as it has `slots`. Raises Unpatchable."""
    data = _data(text)
    row = _rule(data, name)
    block = next((found for found in _BLOCK.finditer(text) if _is_of(found[1], name)), None)
    spots = list(_IN_RULE.finditer(block[1])) if block else []
    if block is None or len(spots) != len(slots(row)) or len(numbers) != len(spots):
        raise Unpatchable
    body = block[1]
    for spot, number in reversed(list(zip(spots, numbers, strict=True))):
        start, end = spot.span("limit" if spot["limit"] else "number")
        body = body[:start] + number + body[end:]
    patched = text[: block.start(1)] + _LEVEL.sub(rf'\g<1>"{level}"', body, count=1) + text[block.end(1) :]
    given = iter(numbers)
    wanted = {**_changed(row, lambda _: next(given)), "level": level}
    return _proven(patched, {**data, "rules": [wanted if one is row else one for one in data["rules"]]})


def with_band(text: str, symptom: str, rows: Sequence[Numbers]) -> str:
    """A band with other numbers in each of its rows. Raises Unpatchable."""
    data = copy.deepcopy(_data(text))
    known: list[dict[str, Any]] = data["bands"][symptom]
    band = re.search(rf"(?ms)^\s*\[bands\].*?^\s*{re.escape(symptom)}\s*=\s*\[(.*?)^\s*\]", text)
    spots = list(_ROW.finditer(band[1])) if band else []
    if band is None or not len(spots) == len(known) == len(rows):
        raise Unpatchable
    body = band[1]
    for spot, row, numbers in reversed(list(zip(spots, known, rows, strict=True))):
        values = {**numbers._asdict(), **({"until": f"{ENDLESS}"} if row["until"] == ENDLESS else {})}
        row.update({name: _number(value) for name, value in values.items()})
        body = body[: spot.start()] + _in_row(spot[0], values) + body[spot.end() :]
    return _proven(text[: band.start(1)] + body + text[band.end(1) :], data)


def _in_row(row: str, values: Mapping[str, str]) -> str:
    return _IN_ROW.sub(lambda found: f"{found[1]}{found[2]}{values[found[1]]}", row)


def raw_rule(text: str, name: str) -> Mapping[str, Any]:
    """A rule as it stands in the text. Raises KeyError when there is none of this name."""
    return _rule(_data(text), name)


def _rule(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    for row in data["rules"]:
        if row["id"] == name:
            return row  # type: ignore[no-any-return]
    raise KeyError(name)


def _changed(part: Any, change: Callable[[Slot], str]) -> Any:
    """A rule, or a part of its conditions, with every number exchanged."""
    if isinstance(part, str):
        return _comparison(part, change)
    if isinstance(part, list):
        return [_changed(one, change) for one in part]
    return dict(_pairs(part, change)) if isinstance(part, Mapping) else part


def _pairs(part: Mapping[str, Any], change: Callable[[Slot], str]) -> Iterator[tuple[str, Any]]:
    about = next((value for name, value in part.items() if isinstance(value, list) and name not in {"any", "all"}), [])
    for name, value in part.items():
        if name in _WORDS:
            slot = Slot(f"{', '.join(map(str, about))}: {_WORDS[name]}", f"{value:g}")
            yield name, _number(change(slot))
        else:
            yield name, _changed(value, change) if name in {"any", "all"} else value


def _comparison(condition: str, change: Callable[[Slot], str]) -> str:
    match condition.split():
        case [name, sign, value] if name in NUMBERS and sign in _SIGNS:
            return f"{name} {sign} {change(Slot(f'{_NAMES.get(name, name)}: {_SIGNS[sign]}', value))}"
    return condition


def _is_of(block: str, name: str) -> bool:
    return bool(re.search(rf"""^\s*id\s*=\s*["']{re.escape(name)}["']""", block, re.MULTILINE))


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


def _data(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def _proven(patched: str, wanted: Mapping[str, Any]) -> str:
    if _data(patched) != wanted:
        raise Unpatchable
    return patched
