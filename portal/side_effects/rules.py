"""How urgent is a report? Every rule of a table is evaluated and can only raise; the highest that fired counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from portal.side_effects.bands import Band
from portal.side_effects.conditions import Case, Condition, Earlier, Facts, case, holds


class Level(StrEnum):
    """From nothing to do to no time to lose; the order of the members is their order.

    WATCH is the far side of ordinary: the client is told what to look for and is asked again; it is no alarm.
    """

    EXPECTED = "expected"
    WATCH = "watch"
    DAY = "day"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return list(Level).index(self)

    @property
    def is_alarm(self) -> bool:
        """Whether a person has to act, and has a clock."""
        return self.rank >= Level.DAY.rank


class Symptom(StrEnum):
    """What a client may tick; the first five are asked how strong they are."""

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


def pauses(level: Level, hold_from: Level) -> bool:
    """Whether an open report of this level pauses new sessions and publication. `hold_from`: the clinic's limit, never
    below an alarm.
    """
    return level.rank >= max(Level.DAY.rank, hold_from.rank)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: what makes it fire (one of `any`, or the whole of `all`), how high it raises, and why, in words a client
    can read. `follow_up`: a person looks within seven days, even where nothing else is wrong.
    """

    id: str
    level: Level
    because: str
    source: tuple[str, ...]
    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()
    follow_up: bool = False
    say: str = ""


class Judging(Protocol):
    """The part of a table that judges."""

    @property
    def rules(self) -> Sequence[Rule]: ...
    @property
    def bands(self) -> Mapping[str, Band]: ...


@dataclass(frozen=True, slots=True)
class Triage:
    """The answer: the level and every rule that fired, highest first."""

    level: Level
    fired: tuple[Rule, ...] = field(default=())

    @property
    def follow_up(self) -> bool:
        """No alarm, and yet a person should look."""
        return not self.level.is_alarm and any(rule.follow_up for rule in self.fired)

    @property
    def needs_person(self) -> bool:
        return self.level.is_alarm or self.follow_up

    @property
    def advice(self) -> tuple[str, ...]:
        """The keys of what to do at once, most urgent first, each once."""
        return tuple(dict.fromkeys(rule.say for rule in self.fired if rule.say))


def fires(rule: Rule, of: Case) -> bool:
    """Whether one of `any` holds, or the whole of `all`."""
    return any(holds(one, of) for one in rule.any) or bool(rule.all and all(holds(one, of) for one in rule.all))


def triage(history: Sequence[Earlier], facts: Facts, table: Judging) -> Triage:
    """Judge a report beside the earlier ones after the same treatment session, in whatever order they come.

    Deterministic: the same history, facts and table give the same answer.
    """
    of = case(history, facts, table.bands)
    fired = [rule for rule in table.rules if fires(rule, of)]
    fired.sort(key=lambda rule: (-rule.level.rank, rule.id))
    return Triage(fired[0].level if fired else Level.EXPECTED, tuple(fired))
