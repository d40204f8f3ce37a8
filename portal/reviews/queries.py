"""Reads of reviews. For a client the private note is not even fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, literal, select

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.reviews.models import Review
from portal.reviews.rules import Subject


@dataclass(frozen=True, slots=True)
class Said:
    """A review as a page shows it; `private_note` is empty for a client."""

    subject: Subject
    subject_id: UUID
    reply: str
    written_at: datetime
    by: str
    private_note: str


def of(db: Session, viewer: Viewer, subject_ids: Sequence[UUID]) -> list[Said]:
    """Reviews of these photos or reports, oldest first."""
    if not subject_ids:
        return []
    note = Review.private_note if viewer.is_practitioner else literal("")
    wanted = (
        select(Review.subject, Review.subject_id, Review.reply, Review.written_at, Person.name, note)  # type: ignore[call-overload]
        .join(Person, col(Person.id) == col(Review.practitioner_id))
        .where(col(Review.subject_id).in_(set(subject_ids)))
        .order_by(col(Review.written_at))
    )
    if not viewer.is_practitioner:
        wanted = wanted.where(col(Review.client_id) == viewer.id, col(Review.reply) != "")
    return [Said(*row) for row in db.exec(wanted)]
