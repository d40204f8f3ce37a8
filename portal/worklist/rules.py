"""The order of the queue. Pure: urgent reports, then what is owed within a day, then the rest by how long it waits."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID


class Rank(IntEnum):
    """Lower comes first."""

    URGENT = 0
    WITHIN_A_DAY = 1
    SIDE_EFFECT = 2
    MESSAGE = 3
    UNSIGNED = 4
    PHOTOS = 5
    ENQUIRY = 6


class Kind(StrEnum):
    """What the filters of the queue are called."""

    SIDE_EFFECTS = "side effects"
    MESSAGES = "messages"
    RECORDS = "records"
    PHOTOS = "photos"
    ENQUIRIES = "enquiries"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the queue."""

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

    @property
    def seen_as(self) -> tuple[int, datetime]:
        return self.rank, self.since


def in_order(waiting: list[Waiting]) -> list[Waiting]:
    """Urgent first, then by rank; among equals the one that waits longest."""
    return sorted(waiting, key=lambda one: one.seen_as)
