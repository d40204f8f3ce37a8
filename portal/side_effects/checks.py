"""What is wrong with a table of rules, each as (where, why). An edited table with a problem never runs."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from portal.side_effects import bands, conditions, wordlist
from portal.side_effects.bands import ENDLESS, LATEST
from portal.side_effects.conditions import COMPARE, KINDS, NEEDS, NUMBERS, REMEMBERED, RISKS, SCALES, SIGNS, TAKES
from portal.side_effects.ignoring import MOST_HOURS, hours_named, ignored, times
from portal.side_effects.layout import Table
from portal.side_effects.limits import HARD
from portal.side_effects.rules import Level, Rule

Problem = tuple[str, str]
_COMPARISON = 3  # "redness >= 3"
_NUMBER = re.compile(r"[0-9]{1,5}(\.[0-9]{1,2})?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,19}")
MOST_RULES, LONGEST_SENTENCE, MOST, DEEPEST = 200, 400, LATEST, 8
_ONLY_WORSE = {"trend": ("worse",), "skin_colour_change": ("darker", "lighter")}
ANSWERS = frozenset({"expected", "watch", "day", "urgent", "follow_up"})
STRENGTHS = ("faint", "mild", "marked", "severe")


def problems(table: Table) -> list[Problem]:
    """Everything that is wrong; what must never be ignored is asked about once the rest is sound."""
    found = [
        *_of_bands(table),
        *_of_scales(table),
        *_of_rules(table),
        *_of_answers(table),
        *_of_course(table),
    ]
    if not found and len(hours_named(table)) > MOST_HOURS:
        return [("rules", f"the bands and rules name more than {MOST_HOURS} different hours")]
    return found or list(dict.fromkeys(ignored(table)))


def _of_course(table: Table) -> Iterable[Problem]:
    """What clients read as normal: its rows follow each other, and the last has no end."""
    *ends, last = [stage.until for stage in table.course] or [0]
    if last != ENDLESS or not all(0 < end <= LATEST for end in ends) or ends != sorted(set(ends)):
        yield "course", f"its hours must grow from row to row, up to {LATEST}, and the last must be {ENDLESS}"
    for stage in table.course:
        yield from (("course", why) for why in _of_sentences(stage.when, stage.normal, stage.not_normal))


def _of_answers(table: Table) -> Iterable[Problem]:
    yield from ((f"answers.{name}", "is missing") for name in sorted(ANSWERS - table.answers.keys()))
    for name, answer in table.answers.items():
        yield from ((f"answers.{name}", why) for why in _of_sentences(answer.title, answer.lead, *answer.todo))
    yield from ((f"say {name}", why) for name, text in table.say.items() for why in _of_sentences(text))


def _of_sentences(*sentences: str) -> Iterable[str]:
    """What clients read: there, and no essay."""
    if not all(any(map(str.isalpha, one)) for one in sentences):
        yield "a sentence that clients read must not be empty"
    if any(len(one) > LONGEST_SENTENCE for one in sentences):
        yield f"a sentence that clients read must have at most {LONGEST_SENTENCE} characters"


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
        elif values != sorted(values) or max(values) > MOST:
            yield f"scale {name}", f"a stronger word must not stand for less, and none for more than {MOST}"
        elif any(value < least for value, least in zip(values, HARD.scales[name], strict=True)):
            yield f"scale {name}", f"the words must stand for {', '.join(map(str, HARD.scales[name]))} or more"


def _of_rules(table: Table) -> Iterable[Problem]:
    names = [rule.id for rule in table.rules]
    yield from ((f"rule {name}", "the id is used twice") for name in sorted({n for n in names if names.count(n) > 1}))
    yield from ((f"rule {name}", "it must stay") for name in HARD.levels if name not in names)
    if len(names) > MOST_RULES:
        yield "rules", f"at most {MOST_RULES}"
    for rule in table.rules:
        try:
            yield from [(f"rule {rule.id}", why) for why in _of_rule(rule, table)]
        except (TypeError, AttributeError) as error:  # a list where a word should be, or the like
            yield f"rule {rule.id}", f"something is of the wrong kind: {error}"


def _of_rule(rule: Rule, table: Table) -> Iterable[str]:
    conditions_wrong = [why for one in (*rule.any, *rule.all) for why in _of_condition(one, table)]
    yield from conditions_wrong or _of_times(rule)
    yield from _of_sources(rule.source, table)
    yield from _of_sentences(rule.because)
    if not _NAME.fullmatch(rule.id):
        yield "its id must be letters and digits, such as D31"
    if rule.say and rule.say not in table.say:
        yield f"no advice “{rule.say}”"
    if not (rule.any or rule.all):
        yield "it can never fire"
    if rule.level is Level.URGENT and "{number}" not in table.say.get(rule.say, "" if not rule.say else "{number}"):
        yield "an urgent rule must say whom to call: its advice needs {number}"
    least = HARD.levels.get(rule.id, Level.EXPECTED)
    if rule.level.rank < least.rank:
        yield f"its level must be {least} or above"


def _of_times(rule: Rule) -> Iterable[str]:
    """A rule that must stay may begin at an hour, never end at one; where that makes no sense, not even begin."""
    if rule.id in HARD.timeless and times(rule):
        yield "it must hold at any hour, so it takes no condition on time"
    if rule.id in HARD.levels and any(sign not in {">", ">="} for _, sign in times(rule)):
        yield "it may begin at an hour (hours >= 24), but not end at one"


def _of_sources(names: tuple[str, ...], table: Table) -> Iterable[str]:
    yield from (f"no source “{name}”" for name in names if name not in table.sources)
    if not names:
        yield "no source"


def _of_condition(condition: conditions.Condition, table: Table, depth: int = 1) -> Iterable[str]:
    if depth > DEEPEST:
        yield f"conditions stand in conditions more than {DEEPEST} deep"
    elif isinstance(condition, Mapping):
        yield from _of_kind(condition, table, depth)
    elif not _is_known(condition, table):
        yield f"no condition “{condition}”"


def _of_kind(condition: Mapping[str, Any], table: Table, depth: int) -> Iterable[str]:
    """The kind is the first key; the others are its numbers."""
    kind, *others = condition or [""]
    if kind not in KINDS or not isinstance(condition[kind], list) or not condition[kind]:
        yield f"no condition “{condition}”"
    elif kind in {"any", "all"}:
        for part in condition[kind]:
            yield from _of_condition(part, table, depth + 1)
    else:
        yield from (f"{kind} does not know “{name}”" for name in condition[kind] if name not in _known(kind, table))
    takes, needs = TAKES.get(kind, frozenset()), NEEDS.get(kind, frozenset())
    wrong = [name for name in others if name not in takes or not _is_number(name, condition[name])]
    if wrong or needs - set(others):
        yield f"{kind} takes {', '.join(sorted(takes)) or 'nothing else'}"


def _is_number(name: str, value: object) -> bool:
    if name == "fell":
        return isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST


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
        return bool(_NUMBER.fullmatch(value)) and float(value) <= MOST and (name == "hours" or sign in {">", ">="})
    return sign == "==" and value in _ONLY_WORSE.get(name, ())
