"""The order of the queue. Pure: urgent reports, then what is owed within a day, then what may keep a client from a
session that is booked, then the rest by how long it waits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID


class Rank(IntEnum):
    """Lower comes first."""

    URGENT = 0
    WITHIN_A_DAY = 1
    SILENT_IN_ALARM = 2
    ON_HOLD = 3
    HEALTH = 4
    SILENT = 5
    SIDE_EFFECT = 6
    CHANGE_SOON = 7
    COUNTERSIGN = 8
    MESSAGE = 9
    CHANGE = 10
    UNSIGNED = 11
    PHOTOS = 12
    ENQUIRY = 13


class Kind(StrEnum):
    """What the filters of the queue are called."""

    SIDE_EFFECTS = "side effects"
    SILENT = "check-ins"
    ON_HOLD = "on hold"
    HEALTH = "health answers"
    CHANGES = "change requests"
    COUNTERSIGN = "to countersign"
    MESSAGES = "messages"
    RECORDS = "records"
    PHOTOS = "photos"
    ENQUIRIES = "enquiries"


SOON = timedelta(hours=48)


def rank_of_change(starts_at: datetime, at: datetime) -> Rank:
    """A request to change an appointment is pressing while the appointment is near."""
    return Rank.CHANGE_SOON if starts_at - at <= SOON else Rank.CHANGE


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the queue. `soon`: when its session is, which then orders it among its equals."""

    rank: Rank
    kind: Kind
    since: datetime
    who: str
    what: str
    why: str
    route: str
    params: tuple[tuple[str, UUID], ...]
    word: str
    tone: str
    icon: str
    soon: datetime | None = None

    @property
    def seen_as(self) -> tuple[int, datetime]:
        return self.rank, self.soon or self.since


def in_order(waiting: list[Waiting]) -> list[Waiting]:
    """Urgent first, then by rank; among equals the one that waits longest, or whose session is the soonest."""
    return sorted(waiting, key=lambda one: one.seen_as)
