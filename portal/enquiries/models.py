"""Enquiries."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.enquiries.rules import OPEN, Part, Status, Way
from portal.kit import clock
from portal.kit.db import Row, enum_type


class Enquiry(Row, table=True):
    """What somebody asked, how to answer, and who of us takes care of it."""

    name: str = Field(max_length=120)
    email: str = Field(max_length=254)
    phone: str = Field(default="", max_length=20)
    question: str
    way: Way = Field(sa_type=enum_type(Way))
    part: Part = Field(default=Part.ANY, sa_type=enum_type(Part))
    consented_at: datetime
    sent_at: datetime = Field(default_factory=clock.now, index=True)
    status: Status = Field(default=Status.NEW, sa_type=enum_type(Status))
    owner_id: UUID | None = Field(default=None, foreign_key="person.id")
    client_id: UUID | None = Field(default=None, foreign_key="person.id")

    __table_args__ = (
        sa.Index(
            "ix_enquiry_open",
            "sent_at",
            sqlite_where=sa.text("status IN ('new','contacted')"),
            postgresql_where=sa.text("status IN ('new','contacted')"),
        ),
    )

    @property
    def is_open(self) -> bool:
        return self.status in OPEN
