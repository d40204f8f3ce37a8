"""Reviews."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row, enum_type
from portal.reviews.rules import Subject


class Review(Row, table=True):
    """One practitioner's words about one photo or report. Never changed; a further thought is a further review."""

    client_id: UUID = Field(foreign_key="person.id")
    practitioner_id: UUID = Field(foreign_key="person.id")
    subject: Subject = Field(sa_type=enum_type(Subject))
    subject_id: UUID
    reply: str = ""
    private_note: str = ""
    written_at: datetime = Field(default_factory=clock.now)

    __table_args__ = (
        sa.Index("ix_review_client", "client_id", "written_at"),
        sa.Index("ix_review_subject", "subject_id"),
    )
