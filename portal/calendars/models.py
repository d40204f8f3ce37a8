"""Calendar addresses, and the memory of what was reminded."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.calendars.rules import Detail
from portal.kit import clock
from portal.kit.db import Row, enum_type

_LIVING = sa.text("revoked_at IS NULL")


class CalendarFeed(Row, table=True):
    """A secret address that calendar programs read: of the token only its fingerprint; at most one lives a person."""

    person_id: UUID = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    detail: Detail = Field(default=Detail.PLAIN, sa_type=enum_type(Detail))
    made_at: datetime = Field(default_factory=clock.now)
    revoked_at: datetime | None = None
    last_read_at: datetime | None = None

    __table_args__ = (
        sa.Index("ux_calendar_feed_living", "person_id", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
    )


class ReminderSent(Row, table=True):
    """A client was reminded of one time of one appointment, so many hours before. Never twice, never forgotten."""

    appointment_id: UUID = Field(foreign_key="appointment.id")
    client_id: UUID = Field(foreign_key="person.id", index=True)
    touch_hours: int
    for_starts_at: datetime
    sent_at: datetime = Field(default_factory=clock.now)

    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "touch_hours", "for_starts_at", name="uq_reminder_sent_once"),
    )
