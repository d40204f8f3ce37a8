"""Who may book, move and cancel when, what it costs to be late, and when a step past the gate takes two people. Pure.

What is a setting of the clinic comes in as a number; nothing here knows where it is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from portal.availability.rules import Span
from portal.suitability.answer import GateAnswer, Overriding

EARLY, NEAR = timedelta(minutes=30), timedelta(days=28)


class State(StrEnum):
    """BOOKED → ATTENDED, CANCELLED or NO_SHOW; a no-show entered by mistake can still become attended."""

    BOOKED = "booked"
    ATTENDED = "attended"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class HoldFor(StrEnum):
    """Why a free time is kept for somebody for some minutes."""

    CONFIRMING = "confirming"
    OFFER = "offer"


class OverrideKind(StrEnum):
    """Why a practitioner lets a session pass although the gate is shut."""

    CLINICAL = "clinical"
    FACTS_ARE_WRONG = "facts_are_wrong"
    PRACTICAL = "practical"


class Wish(StrEnum):
    """What a client asks for when it is too late to do it alone."""

    MOVE = "move"
    CANCEL = "cancel"


class FreedTime(NamedTuple):
    """A stretch of a practitioner's time that can be had again."""

    practitioner_id: UUID
    starts_at: datetime
    ends_at: datetime


class Override(NamedTuple):
    """Why a practitioner goes past the gate: what kind of reason, and in words."""

    kind: OverrideKind
    reason: str


@dataclass(frozen=True, slots=True)
class Windows:
    """The clinic's limits as spans of time, for whoever acts. The team is free of them all but the horizon."""

    notice: timedelta
    horizon: timedelta
    move_until: timedelta
    cancel_until: timedelta

    def bookable(self, at: datetime) -> Span:
        """From when until when a new appointment may start."""
        return Span(at + self.notice, at + self.horizon)

    def may_move(self, starts_at: datetime, at: datetime) -> bool:
        """True while it may be moved; never once it has begun."""
        return at < starts_at and at <= starts_at - self.move_until

    def may_cancel(self, starts_at: datetime, at: datetime) -> bool:
        """True while it may be given up; never once it has begun."""
        return at < starts_at and at <= starts_at - self.cancel_until


def may_attend(starts_at: datetime, at: datetime) -> bool:
    """True once somebody can have come: EARLY before the start."""
    return at >= starts_at - EARLY


def kept_until(starts_at: datetime, at: datetime, hours: int) -> datetime:
    """Until when the time of an appointment on hold is kept: so many hours, but not beyond its own beginning."""
    return max(at, min(at + timedelta(hours=hours), starts_at))


def needs_countersign(answer: GateAnswer, kind: OverrideKind) -> bool:
    """Two practitioners decide where safety or the scope of a verdict is at stake, and whenever the reason for going
    past the gate is only a practical one.
    """
    return answer.overriding is Overriding.COUNTERSIGNED or kind is OverrideKind.PRACTICAL


def is_late(starts_at: datetime, at: datetime, cancel_until: timedelta) -> bool:
    """Whether giving an appointment up at `at` comes later than the clinic asks for."""
    return at > starts_at - cancel_until
