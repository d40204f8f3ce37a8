"""What is known of a report, and whether a condition of a rule holds for it. Pure.

A condition is a sign ("pus"), a comparison ("redness >= 3"), or a small table with one of the kinds in `KINDS`.
Unknown hours meet every condition on time. No condition is met by something being weaker or missing, so that a
stronger symptom, or one sign more, can only raise.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.side_effects.bands import Band

# Signs a rule may name besides the table's red flags.
SIGNS = frozenset(
    {
        "spreading",
        "hot_skin",
        "eyelid_or_forehead_swelling",
        "lymph_nodes_swollen",
        "bleeds_again",
        "pus",
        "bad_smell",
        "blisters_grouped",
        "hives_local",
        "rash_beyond_treated_area",
        "rash_unclear",
        "raised_scar_or_lines",
        "firm_bumps_over_14_days",
        "something_else",
        "wants_person",
        "low_temperature",
        "used_minoxidil",
        "used_serum",
        "used_dye",
        "used_antiseptic",
        "used_other",
        "began_before_session",
        "better_yet_stronger",
        "note_unread",
    }
)
RISKS = frozenset({"immune", "diabetes", "anticoagulant", "keloid", "allergy"})
SCALES = ("redness", "swelling", "pain", "itch", "crusting")
_HEALING = frozenset({"itch", "crusting"})
REMEMBERED = (*SCALES, "pustules", "discharge")
NUMBERS = frozenset({*REMEMBERED, "hours", "fever_c", "shedding", "shedding_days"})
WORDS = frozenset({"trend", "skin_colour_change"})
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}
Condition = str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Earlier:
    """How strong it was in one report: hours since the session ended, or None; redness and crusting 0–4, swelling 0–3,
    pain and itch 0–10, pustules counted, discharge 0 none, 1 clear or dry, 2 pus. What stands in `unsure` was not told.
    """

    hours: float | None
    redness: int = 0
    swelling: int = 0
    pain: int = 0
    itch: int = 0
    crusting: int = 0
    pustules: int = 0
    discharge: int = 0
    unsure: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts(Earlier):
    """One report. `present` and `unsure` name signs (unsure may name a scale); fever in °C, None when neither measured
    nor felt; `began_hours` after the session; `risks` from the health questions; `note_words` found in the free text.
    """

    present: frozenset[str] = frozenset()
    fever_c: float | None = None
    trend: str = ""
    skin_colour_change: str = "none"
    shedding: int = 0
    shedding_days: int = 0
    began_hours: float | None = None
    risks: frozenset[str] = frozenset()
    note_words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """A report beside what the same client told before about the same treatment session."""

    facts: Facts
    history: tuple[Earlier, ...]
    bands: Mapping[str, Band]


def case(history: Iterable[Earlier], facts: Facts, bands: Mapping[str, Band]) -> Case:
    """The case as it is judged: reports after this one do not count, and “better” but stronger than before is worse."""
    before = tuple(one for one in history if _not_after(one, facts.hours))
    if facts.trend == "better" and any(_stronger(facts, one) for one in _latest(before)):
        facts = replace(facts, trend="worse", present=facts.present | {"better_yet_stronger"})
    return Case(facts, before, bands)


def holds(condition: Condition, of: Case) -> bool:
    """Whether one condition holds."""
    if isinstance(condition, Mapping):
        kind = next(iter(condition))
        return KINDS[kind](condition, of)
    name, *rest = condition.split()
    if not rest:
        return name in of.facts.present
    value = getattr(of.facts, name)
    if value is None:
        return name == "hours"
    sign, limit = rest
    return COMPARE[sign](value, float(limit) if name in NUMBERS else limit)


def _above_usual(condition: Mapping[str, Any], of: Case) -> bool:
    """Stronger than usual for these hours, if perhaps still normal."""
    return any(
        getattr(of.facts, name) > of.bands[name].expected(of.facts.hours).usual for name in condition["above_usual"]
    )


def _above_highest(condition: Mapping[str, Any], of: Case) -> bool:
    """Outside the band."""
    return any(
        getattr(of.facts, name) > of.bands[name].expected(of.facts.hours).highest for name in condition["above_highest"]
    )


def _rising(condition: Mapping[str, Any], of: Case) -> bool:
    """Stronger now than in an earlier report made `from_h` hours or more after the session; with `fell`, one that was
    itself weaker than a report before it.
    """
    if not _since(of.facts.hours, condition.get("after_h", 0)):
        return False
    return any(_rises(name, condition, of) for name in condition["rising"])


def _rises(name: str, condition: Mapping[str, Any], of: Case) -> bool:
    now = getattr(of.facts, name)
    if now < condition.get("at_least", 1):
        return False
    told = [one for one in of.history if name not in one.unsure]
    weaker = [one for one in told if getattr(one, name) < now and _since(one.hours, condition.get("from_h", 0))]
    if not condition.get("fell"):
        return bool(weaker)
    return any(
        getattr(peak, name) > getattr(one, name) and _not_after(peak, one.hours) for one in weaker for peak in told
    )


def _lasting(condition: Mapping[str, Any], of: Case) -> bool:
    """At or above a value now and in a report at least `gap_h` hours earlier: it has not fallen."""
    hours, least = of.facts.hours, condition["at_least"]
    return _since(hours, condition["after_h"]) and any(
        getattr(of.facts, name) >= least
        and getattr(one, name) >= least
        and (hours is None or one.hours is None or hours - one.hours >= condition["gap_h"])
        for name in condition["lasting"]
        for one in of.history
    )


def _new(condition: Mapping[str, Any], of: Case) -> bool:
    """There now, and said to have begun `after_h` hours or more after the session."""
    began = of.facts.began_hours
    there = any(getattr(of.facts, name) >= condition.get("at_least", 1) for name in condition["new"])
    return there and began is not None and began >= condition["after_h"]


def _unsure(condition: Mapping[str, Any], of: Case) -> bool:
    wanted = set(condition["unsure"])
    return bool(of.facts.unsure if "anything" in wanted else of.facts.unsure & wanted)


KINDS: Mapping[str, Callable[[Mapping[str, Any], Case], bool]] = {
    "any": lambda condition, of: any(holds(part, of) for part in condition["any"]),
    "all": lambda condition, of: all(holds(part, of) for part in condition["all"]),
    "above_usual": _above_usual,
    "above_highest": _above_highest,
    "rising": _rising,
    "lasting": _lasting,
    "new": _new,
    "risk": lambda condition, of: not of.facts.risks.isdisjoint(condition["risk"]),
    "word": lambda condition, of: not of.facts.note_words.isdisjoint(condition["word"]),
    "unsure": _unsure,
}
# What each kind takes besides its list, and what it cannot do without.
TAKES: Mapping[str, frozenset[str]] = {
    "rising": frozenset({"after_h", "from_h", "fell", "at_least"}),
    "lasting": frozenset({"after_h", "gap_h", "at_least"}),
    "new": frozenset({"after_h", "at_least"}),
}
NEEDS: Mapping[str, frozenset[str]] = {"lasting": TAKES["lasting"], "new": frozenset({"after_h"})}


def _since(hours: float | None, after_h: float) -> bool:
    return hours is None or hours >= after_h


def _not_after(one: Earlier, hours: float | None) -> bool:
    return hours is None or one.hours is None or one.hours <= hours


def _latest(history: Sequence[Earlier]) -> list[Earlier]:
    """The last report before this one that told how strong anything was, and those nobody knows the time of."""
    told = [one for one in history if not one.unsure.issuperset(SCALES)]
    last = max((one.hours for one in told if one.hours is not None), default=None)
    return [one for one in told if one.hours in (None, last)]


def _stronger(facts: Facts, before: Earlier) -> bool:
    """Whether anything is stronger than before. Itch and crusts come with healing: they count where nothing fell."""
    changes = {name: getattr(facts, name) - getattr(before, name) for name in SCALES if name not in before.unsure}
    is_falling = any(change < 0 for change in changes.values())
    return any(change > 0 and not (is_falling and name in _HEALING) for name, change in changes.items())
