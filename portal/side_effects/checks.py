"""What is wrong with a table of rules, each as (where, why). An edited table with a problem never runs."""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.side_effects import bands, conditions, wordlist
from portal.side_effects.conditions import COMPARE, KINDS, NEEDS, NUMBERS, REMEMBERED, RISKS, SCALES, SIGNS, TAKES
from portal.side_effects.layout import Table
from portal.side_effects.limits import HARD
from portal.side_effects.rules import Level, Rule

Problem = tuple[str, str]
_COMPARISON = 3  # "redness >= 3"
_ONLY_WORSE = {"trend": ("worse",), "skin_colour_change": ("darker", "lighter")}
ANSWERS = frozenset({"expected", "watch", "day", "urgent", "follow_up"})
STRENGTHS = ("faint", "mild", "marked", "severe")


def problems(table: Table) -> list[Problem]:
    """Everything that is wrong; what must never be ignored is asked about once the rest is sound."""
    found = [
        *_of_bands(table),
        *_of_scales(table),
        *_of_rules(table),
        *((f"answers.{name}", "is missing") for name in sorted(ANSWERS - table.answers.keys())),
        *(() if table.course else [("course", "is missing")]),
    ]
    return found or _ignored(table)


def _of_bands(table: Table) -> Iterable[Problem]:
    for name in sorted(HARD.bands.keys() ^ table.bands.keys()):
        yield f"band {name}", "is missing" if name in HARD.bands else "no such symptom"
    for name in HARD.bands.keys() & table.bands.keys():
        for row, why in bands.problems(table.bands[name], HARD.bands[name]):
            yield f"band {name}, row {row}", why
        for row, one in enumerate(table.bands[name].rows, 1):
            yield from ((f"band {name}, row {row}", why) for why in _of_sources(one.source, table))


def _of_scales(table: Table) -> Iterable[Problem]:
    for name in SCALES:
        steps = table.scales.get(name, ())
        values = [step.value for step in steps]
        if tuple(step.word for step in steps) != STRENGTHS:
            yield f"scale {name}", f"it needs the words {', '.join(STRENGTHS)}, in this order"
        elif values != sorted(values):
            yield f"scale {name}", "a stronger word must not stand for less"
        elif any(value < least for value, least in zip(values, HARD.scales[name], strict=True)):
            yield f"scale {name}", f"the words must stand for {', '.join(map(str, HARD.scales[name]))} or more"


def _of_rules(table: Table) -> Iterable[Problem]:
    names = [rule.id for rule in table.rules]
    yield from ((f"rule {name}", "the id is used twice") for name in sorted({n for n in names if names.count(n) > 1}))
    yield from ((f"rule {name}", "it must stay") for name in HARD.levels if name not in names)
    for rule in table.rules:
        yield from ((f"rule {rule.id}", why) for why in _of_rule(rule, table))


def _of_rule(rule: Rule, table: Table) -> Iterable[str]:
    for condition in (*rule.any, *rule.all):
        yield from _of_condition(condition, table)
    yield from _of_sources(rule.source, table)
    if rule.say and rule.say not in table.say:
        yield f"no advice “{rule.say}”"
    if not (rule.any or rule.all):
        yield "it can never fire"
    if rule.level is Level.URGENT and "{number}" not in table.say.get(rule.say, "" if not rule.say else "{number}"):
        yield "an urgent rule must say whom to call: its advice needs {number}"
    least = HARD.levels.get(rule.id, Level.EXPECTED)
    if rule.level.rank < least.rank:
        yield f"its level must be {least} or above"


def _of_sources(names: tuple[str, ...], table: Table) -> Iterable[str]:
    yield from (f"no source “{name}”" for name in names if name not in table.sources)
    if not names:
        yield "no source"


def _of_condition(condition: conditions.Condition, table: Table) -> Iterable[str]:
    if isinstance(condition, Mapping):
        yield from _of_kind(condition, table)
    elif not _is_known(condition, table):
        yield f"no condition “{condition}”"


def _of_kind(condition: Mapping[str, Any], table: Table) -> Iterable[str]:
    """The kind is the first key; the others are its numbers."""
    kind, *others = condition or [""]
    if kind not in KINDS or not isinstance(condition[kind], list) or not condition[kind]:
        yield f"no condition “{condition}”"
    elif kind in {"any", "all"}:
        for part in condition[kind]:
            yield from _of_condition(part, table)
    else:
        yield from (f"{kind} does not know “{name}”" for name in condition[kind] if name not in _known(kind, table))
    takes, needs = TAKES.get(kind, frozenset()), NEEDS.get(kind, frozenset())
    wrong = [name for name in others if name not in takes or not isinstance(condition[name], int | float)]
    if wrong or needs - set(others):
        yield f"{kind} takes {', '.join(sorted(takes)) or 'nothing else'}"


def _known(kind: str, table: Table) -> Iterable[str]:
    return {
        "above_usual": table.bands.keys(),
        "above_highest": table.bands.keys(),
        "risk": RISKS,
        "word": wordlist.RUNNING.signs.keys(),
        "unsure": {"anything", "red_flags", "signs", "discharge", "rash", *SCALES},
    }.get(kind, REMEMBERED)


def _is_known(condition: object, table: Table) -> bool:
    """A sign, or a comparison that something stronger meets, too: only so can a rule do nothing but raise."""
    parts = str(condition).split()
    if len(parts) == 1:
        return parts[0] in SIGNS or parts[0] in table.flag_ids
    if len(parts) != _COMPARISON or parts[1] not in COMPARE:
        return False
    name, sign, value = parts
    if name in NUMBERS:
        return value.replace(".", "", 1).isdigit() and (name == "hours" or sign in {">", ">="})
    return sign == "==" and value in _ONLY_WORSE.get(name, ())


def _ignored(table: Table) -> list[Problem]:
    """What must never be ignored, asked of the table itself: an edit may not take the meaning out of a rule."""
    found: dict[Problem, None] = {}
    for one in HARD.never:
        level = table.triage(one.facts, one.history).level
        if level.rank < one.level.rank:
            found.setdefault((f"rule {one.rule}", f"{one.said} must come out as {one.level}, not {level}"))
    return list(found)
