"""Somebody or something is no longer there for a while: whoever knows of appointments says how many that touches."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from portal.availability.rules import Span
from portal.kit.events import Event

SHUT = Event()


@dataclass(slots=True)
class Shut:
    """What is away: one practitioner, one room or device, one place, or (all None) the whole clinic. Listeners add to
    `booked`: appointments stay where they are until somebody moves them.
    """

    span: Span
    practitioner_id: UUID | None = None
    resource_id: UUID | None = None
    place_id: UUID | None = None
    booked: int = 0


def told(db: Session, shut: Shut) -> Shut:
    """Tell whoever listens, in this transaction, and hand back what they counted."""
    SHUT.tell(db, shut)
    return shut
