"""When a client is asked how it went, until when, and what has become of the question. Pure; moments are aware."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.waiting.rules import Quiet

NO_HURRY = timedelta(hours=72)  # between questions about an open report that is no alarm, after the first
SAME_ANSWER = timedelta(minutes=5)  # later, the same words are a new answer, and judged anew
LOOK_BACK = timedelta(days=14)  # a session, or an open report, that was older when we first saw it is left in peace
_HOUR = timedelta(hours=1)
_DAY, _DAYS_FROM = 24, 96


class Kind(StrEnum):
    """Asked because a session was, or because a report is watched or open."""

    SCHEDULED = "scheduled"
    FOLLOW_UP = "follow_up"


class Did(StrEnum):
    """What a practitioner did about a question that nobody answered."""

    CALLED = "called"
    WROTE = "wrote"
    NOTHING = "nothing"

    @property
    def label(self) -> str:
        return {Did.CALLED: "Called", Did.WROTE: "Wrote", Did.NOTHING: "Nothing needed"}[self]


class Why(StrEnum):
    """Why a question is no longer asked although nobody answered it."""

    NEXT_SESSION = "next_session"
    NOT_ATTENDED = "not_attended"
    REPORT_CLOSED = "report_closed"
    HEARD = "heard"
    TOO_LATE = "too_late"
    ACCOUNT_CLOSED = "account_closed"


class State(StrEnum):
    """COMING until its window opens, OPEN inside it, DUE from its hour on; the others are over, save MISSED."""

    COMING = "coming"
    OPEN = "open"
    DUE = "due"
    MISSED = "missed"
    ANSWERED = "answered"
    LATE = "late"
    CLOSED = "closed"
    ENDED = "ended"

    @property
    def may_be_answered(self) -> bool:
        return self in {State.OPEN, State.DUE, State.MISSED}


class Planned(NamedTuple):
    """One question: a report from `opens_at` on answers it; it is asked at `due_at`, the next one at `next_due_at`."""

    hours: int
    opens_at: datetime
    due_at: datetime
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Limits:
    """The clinic's. `answer_within`: nobody has missed a question sooner than this after they were reminded of it."""

    quiet: Quiet
    missed_after: timedelta
    answer_within: timedelta
    follow_up: timedelta


def schedule(ended_at: datetime, hours: Sequence[int]) -> list[Planned]:
    """The questions after a session, in order. Each window opens halfway from what was before (the session, or the
    question before), so that a report answers the nearest.
    """
    ended_at = ended_at.astimezone(UTC)  # hours pass; on a wall a night may have an hour more or less
    dues = [ended_at + _HOUR * one for one in sorted(set(hours))]
    before, after = [ended_at, *dues], [*dues[1:], None]
    return [
        Planned(round((due - ended_at) / _HOUR), halfway(begun, due), due, following)
        for begun, due, following in zip(before, dues, after, strict=False)
    ]


def halfway(begun: datetime, due: datetime) -> datetime:
    """The moment from which on a report is nearer to the question than to what was before it."""
    return begun + (due - begun) / 2


def remind_at(due_at: datetime, quiet: Quiet) -> datetime:
    """When to remind: at its hour, or when the quiet hours around it are over."""
    return quiet.end_of(due_at)


def end_of(due_at: datetime, next_due_at: datetime | None, limits: Limits) -> datetime:
    """Until when a question would be answered in time: the clinic's hours, but not beyond the next question."""
    end = due_at + limits.missed_after
    return min(end, next_due_at) if next_due_at else end


def missed_at(due_at: datetime, next_due_at: datetime | None, reminded_at: datetime, limits: Limits) -> datetime:
    """When a question counts as missed: at its end, but never before the client had time since the reminder."""
    return max(end_of(due_at, next_due_at, limits), reminded_at + limits.answer_within)


def asked_every(follow_up: timedelta, number: int, *, is_alarm: bool) -> timedelta:
    """How long to wait with follow-up `number`, from 1: a report that has time is asked about once, then seldom."""
    return follow_up if is_alarm or number == 1 else max(follow_up, NO_HURRY)


def asked_again_at(
    before_due_at: datetime, answered_at: datetime | None, missed: datetime | None, every: timedelta
) -> datetime:
    """When the next follow-up is due: so long after the answer; after a missed one, as if it had been answered in time,
    but not before it was missed.
    """
    if answered_at:
        return answered_at + every
    due = before_due_at + every
    return max(due, missed) if missed else due


def state(
    *,
    opens_at: datetime,
    due_at: datetime,
    at: datetime,
    answered_at: datetime | None = None,
    missed: datetime | None = None,
    closed_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> State:
    """What has become of a question. An answer after it was missed is late; who answers after the clinic has settled
    it, is not answering it any more.
    """
    over = (
        (ended_at, State.ENDED),
        (answered_at, State.LATE if missed else State.ANSWERED),
        (closed_at, State.CLOSED),
        (missed, State.MISSED),
    )
    done = next((name for moment, name in over if moment), None)
    return done or (State.DUE if at >= due_at else State.OPEN if at >= opens_at else State.COMING)


def called(hours: int) -> str:
    """“6-hour”, “24-hour”, “7-day”: what a check-in after so many hours is called."""
    days, rest = divmod(hours, _DAY)
    return f"{days}-day" if hours >= _DAYS_FROM and not rest else f"{hours}-hour"


def day_in_words(then: datetime, at: datetime, zone: ZoneInfo) -> str:
    """“today”, “yesterday”, “on Tuesday”, “on 3 March”: when something was told, by the clock on the wall."""
    day, today = then.astimezone(zone).date(), at.astimezone(zone).date()
    ago = (today - day).days
    if ago < len(_NEAR):
        return _NEAR[max(ago, 0)]
    return f"on {day:%A}" if ago < _WEEK else f"on {day.day} {day:%B}"


_NEAR, _WEEK = ("today", "yesterday"), 7
