"""Notices inside the portal."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row


class Notice(Row, table=True):
    """One sentence for one person, and where it leads. `key` makes sure that it is given once."""

    person_id: UUID = Field(foreign_key="person.id")
    key: str = Field(unique=True, max_length=200)
    text: str = Field(max_length=300)
    href: str = Field(default="", max_length=300)
    made_at: datetime = Field(default_factory=clock.now)
    read_at: datetime | None = None

    __table_args__ = (
        sa.Index("ix_notice_person", "person_id", "made_at"),
        sa.Index(
            "ix_notice_unread",
            "person_id",
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        ),
    )
