"""Messages."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row

_UNREAD = sa.text("read_at IS NULL")


class Message(Row, table=True):
    """One message in a client's thread. `read_at`: when the other side first opened it."""

    client_id: UUID = Field(foreign_key="person.id")
    author_id: UUID = Field(foreign_key="person.id", index=True)
    body: str = Field(max_length=4000)
    sent_at: datetime = Field(default_factory=clock.now)
    read_at: datetime | None = None

    __table_args__ = (
        sa.CheckConstraint("length(body) BETWEEN 1 AND 4000", name="body_has_words"),
        sa.Index("ix_message_thread", "client_id", "sent_at"),
        sa.Index("ix_message_unread", "client_id", "sent_at", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    )

    @property
    def is_from_client(self) -> bool:
        return self.author_id == self.client_id
