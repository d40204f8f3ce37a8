"""How urgent is a report? Every rule of a table is evaluated and can only raise; the highest that fired counts."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """From nothing to do to no time to lose; the order of the members is their order."""

    EXPECTED = "expected"
    DAY = "day"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Symptom(StrEnum):
    """What a client may tick; the first four are asked how strong they are."""

    REDNESS = "redness"
    SWELLING = "swelling"
    PAIN = "pain"
    ITCH = "itch"
    CRUSTING = "crusting"
    DISCHARGE = "discharge"
    RASH = "rash"
    OTHER = "other"


class Strength(StrEnum):
    """How strong, in words; the table says what each word means for each symptom."""

    FAINT = "faint"
    MILD = "mild"
    MARKED = "marked"
    SEVERE = "severe"
    UNSURE = "unsure"


class Trend(StrEnum):
    """Compared with yesterday, or since it began."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


class ScalpZone(StrEnum):
    """Where on the scalp."""

    FRONTAL = "frontal"
    MID = "mid"
    VERTEX = "vertex"
    LEFT_TEMPLE = "left_temple"
    RIGHT_TEMPLE = "right_temple"
    BACK = "back"
    ALL_OVER = "all_over"


class Outcome(StrEnum):
    """How a report ended, as a practitioner says when closing it."""

    RESOLVED = "resolved"
    TREATED_ELSEWHERE = "treated_elsewhere"
    MONITORED = "monitored"
    NOT_RELATED = "not_related"


# Signs a rule may name besides the table's red flags.
SIGNS = frozenset(
    {
        "spreading",
        "hot_skin",
        "eyelid_or_forehead_swelling",
        "lymph_nodes_swollen",
        "pus",
        "bad_smell",
        "blisters_grouped",
        "hives_local",
        "rash_beyond_treated_area",
        "rash_unclear",
        "raised_scar_or_lines",
        "firm_bumps_over_14_days",
        "risk_flag_immune_or_diabetes",
        "something_else",
        "wants_person",
    }
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A former report after the same treatment session: hours since the session, and its redness."""

    hours: float | None
    redness: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known. `hours` since the last session ended, or None; redness 0–4, swelling 0–3, pain and itch 0–10;
    `present` and `unsure` name signs (and unsure may name a scale); fever in °C, None when neither measured nor felt.
    """

    hours: float | None
    present: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    redness: int = 0
    swelling: int = 0
    pain: int = 0
    itch: int = 0
    pustules: int = 0
    fever_c: float | None = None
    trend: str = ""
    skin_colour_change: str = "none"
    shedding: int = 0
    shedding_days: int = 0
    previous: tuple[Earlier, ...] = ()


NUMBERS = frozenset(
    {"hours", "redness", "swelling", "pain", "itch", "pustules", "fever_c", "shedding", "shedding_days"}
)
WORDS = frozenset({"trend", "skin_colour_change"})
REMEMBERED = frozenset({"redness"})  # what Earlier keeps
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "==": operator.eq,
}
Condition = str | Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: what makes it fire, how high it raises, and why, in words a client can read."""

    id: str
    level: Level
    because: str
    source: tuple[str, ...]
    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()
    above_expected: tuple[str, ...] = ()
    repeat: Mapping[str, Any] | None = None
    any_unsure: bool = False
    follow_up: bool = False
    say: str = ""


Band = Sequence[tuple[float, float, int]]


@dataclass(frozen=True, slots=True)
class Triage:
    """The answer: the level and every rule that fired, highest first."""

    level: Level
    fired: tuple[Rule, ...] = field(default=())

    @property
    def follow_up(self) -> bool:
        """Expected, and yet a person should look."""
        return self.level is Level.EXPECTED and any(rule.follow_up for rule in self.fired)

    @property
    def needs_person(self) -> bool:
        return self.level is not Level.EXPECTED or self.follow_up


def triage(facts: Facts, rules: Sequence[Rule], expected: Mapping[str, Band]) -> Triage:
    """Evaluate every rule. Deterministic: the same facts and table give the same answer."""
    fired = sorted(
        (rule for rule in rules if fires(rule, facts, expected)), key=lambda rule: (-rule.level.rank, rule.id)
    )
    return Triage(fired[0].level if fired else Level.EXPECTED, tuple(fired))


def fires(rule: Rule, facts: Facts, expected: Mapping[str, Band]) -> bool:
    """Whether one rule applies; its parts (any, all, …) are alternatives."""
    return (
        any(holds(condition, facts) for condition in rule.any)
        or (bool(rule.all) and all(holds(condition, facts) for condition in rule.all))
        or any(getattr(facts, name) > expected_max(expected[name], facts.hours) for name in rule.above_expected)
        or (rule.repeat is not None and _repeats(rule.repeat, facts))
        or (rule.any_unsure and bool(facts.unsure))
    )


def holds(condition: Condition, facts: Facts) -> bool:
    """A sign, comparison, or any/all of several. Unknown hours meet every condition on time, an unknown fever none."""
    if isinstance(condition, Mapping):
        parts = [holds(part, facts) for kind in ("any", "all") for part in condition.get(kind, ())]
        return any(parts) if "any" in condition else all(parts)
    name, *rest = condition.split()
    if not rest:
        return name in facts.present
    value = getattr(facts, name)
    if value is None:
        return name == "hours"
    sign, limit = rest
    return COMPARE[sign](value, float(limit) if name in NUMBERS else limit)


def expected_max(band: Band, hours: float | None) -> int:
    """The highest normal value at so many hours; the last, strictest row when the hours are unknown.

    A row runs up to, not including, its last hour; -1 means without end. Rows are in order.
    """
    if hours is None:
        return band[-1][2]
    return next(highest for _, ends, highest in band if hours < ends or ends < 0)


def _repeats(repeat: Mapping[str, Any], facts: Facts) -> bool:
    """The same field at or above a value now and in a report at least so many hours earlier."""
    late = facts.hours is None or facts.hours >= repeat["after_h"]
    now = getattr(facts, repeat["field"])
    if not late or now < repeat["min_value"]:
        return False
    return any(
        getattr(earlier, repeat["field"]) >= repeat["min_value"]
        and (facts.hours is None or earlier.hours is None or facts.hours - earlier.hours >= repeat["min_gap_h"])
        for earlier in facts.previous
    )
