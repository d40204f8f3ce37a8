"""The running table of rules, read from `triage.toml` and checked: nonsense is refused with the name of its row."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.side_effects.rules import (
    COMPARE,
    NUMBERS,
    REMEMBERED,
    SIGNS,
    WORDS,
    Band,
    Condition,
    Facts,
    Level,
    Rule,
    Triage,
    triage,
)

_COMPARISON = 3  # "redness >= 3"


@dataclass(frozen=True, slots=True)
class Flag:
    """A red flag as it is asked."""

    id: str
    says: str


@dataclass(frozen=True, slots=True)
class FlagGroup:
    """Red flags that belong together."""

    group: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One word of a scale, its number, and what it means."""

    word: str
    value: int
    says: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What is normal until so many hours after a session (-1 = from then on)."""

    until: int
    when: str
    normal: str
    not_normal: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client reads at once."""

    title: str
    lead: str
    todo: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rules, bands, words and advice of one version."""

    version: str
    sources: Mapping[str, str]
    expected: Mapping[str, Band]
    course: tuple[Stage, ...]
    scales: Mapping[str, tuple[Step, ...]]
    red_flags: tuple[FlagGroup, ...]
    rules: tuple[Rule, ...]
    say: Mapping[str, str]
    answers: Mapping[str, Answer]

    @property
    def flag_ids(self) -> frozenset[str]:
        return frozenset(flag.id for group in self.red_flags for flag in group.flags)

    def triage(self, facts: Facts) -> Triage:
        return triage(facts, self.rules, self.expected)

    def stage(self, hours: float | None) -> Stage:
        """What is normal now; the last stage when the hours are unknown."""
        return next((stage for stage in self.course if hours is not None and hours < stage.until), self.course[-1])

    def value(self, scale: str, word: str) -> int:
        return next(step.value for step in self.scales[scale] if step.word == word)


def read(text: str) -> Table:
    """A table from TOML. Raises ValueError that names the rule and what is wrong with it."""
    data = tomllib.loads(text)
    expected = {name: tuple(tuple(row) for row in rows) for name, rows in data["expected"].items() if name != "source"}
    table = Table(
        version=data["version"],
        sources=data["sources"],
        expected=expected,
        course=tuple(Stage(**stage) for stage in data["course"]),
        scales={name: tuple(Step(**step) for step in steps) for name, steps in data["scales"].items()},
        red_flags=tuple(
            FlagGroup(one["group"], tuple(Flag(**flag) for flag in one["flags"])) for one in data["red_flags"]
        ),
        rules=tuple(_rule(row) for row in data["rules"]),
        say=data["say"],
        answers={name: Answer(one["title"], one["lead"], tuple(one["todo"])) for name, one in data["answers"].items()},
    )
    problems = [problem for rule in table.rules for problem in _problems(rule, table)] + _doubles(table.rules)
    if problems:
        raise ValueError("; ".join(problems))
    return table


def _rule(row: Mapping[str, Any]) -> Rule:
    try:
        lists = {name: tuple(row[name]) for name in ("any", "all", "above_expected", "source") if name in row}
        return Rule(**{**row, **lists, "level": Level(row["level"])})
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"rule {row.get('id', '?')}: {error}") from error


def _problems(rule: Rule, table: Table) -> list[str]:
    found = [f"no condition “{name}”" for name in _unknown_conditions((*rule.any, *rule.all), table)]
    found += [f"no source “{name}”" for name in rule.source if name not in table.sources]
    known = table.expected.keys() & NUMBERS
    found += [f"nothing is expected of “{name}”" for name in rule.above_expected if name not in known]
    found += _repeat_problems(rule.repeat)
    if not rule.source:
        found.append("no source")
    if rule.say and rule.say not in table.say:
        found.append(f"no advice “{rule.say}”")
    if not (rule.any or rule.all or rule.above_expected or rule.repeat or rule.any_unsure):
        found.append("it can never fire")
    return [f"rule {rule.id}: {problem}" for problem in found]


def _repeat_problems(repeat: Mapping[str, Any] | None) -> list[str]:
    if repeat is None:
        return []
    numbers = all(isinstance(repeat.get(name), int | float) for name in ("min_gap_h", "min_value", "after_h"))
    whole = numbers and repeat.get("field") in REMEMBERED
    return [] if whole else ["repeat takes field, min_gap_h, min_value and after_h"]


def _unknown_conditions(conditions: Iterable[Condition], table: Table) -> list[str]:
    found: list[str] = []
    for condition in conditions:
        if isinstance(condition, Mapping):
            inner = [part for kind in ("any", "all") for part in condition.get(kind, ())]
            found += _unknown_conditions(inner, table) if inner else [str(condition)]
        elif not _is_known(condition, table):
            found.append(condition)
    return found


def _is_known(condition: str, table: Table) -> bool:
    parts = condition.split()
    if len(parts) == 1:
        return parts[0] in SIGNS or parts[0] in table.flag_ids
    if len(parts) != _COMPARISON or parts[1] not in COMPARE:
        return False
    if parts[0] in NUMBERS:
        return parts[2].replace(".", "", 1).isdigit()
    return parts[0] in WORDS and parts[1] == "=="


def _doubles(rules: tuple[Rule, ...]) -> list[str]:
    names = [rule.id for rule in rules]
    return [f"rule {name}: the id is used twice" for name in sorted({name for name in names if names.count(name) > 1})]


RUNNING = read((Path(__file__).parent / "triage.toml").read_text("utf-8"))
