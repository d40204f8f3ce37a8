"""Weekly hours, time off, appointments, and what was changed about them."""

from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.bookings.rules import Hours, Span, State
from portal.kit import clock
from portal.kit.db import Row, enum_type

_OPEN = sa.text("state = 'booked'")


class WorkingHours(Row, table=True):
    """When a practitioner works, each week, on the clinic's clock. `weekday` 0 is Monday."""

    practitioner_id: UUID = Field(foreign_key="person.id", index=True)
    weekday: int
    opens: time
    closes: time
    valid_from: date | None = None
    valid_until: date | None = None

    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("opens < closes", name="opens_before_closes"),
        sa.CheckConstraint("valid_from <= valid_until", name="valid_in_order"),
    )

    @property
    def hours(self) -> Hours:
        return Hours(self.weekday, self.opens, self.closes, self.valid_from, self.valid_until)


class TimeOff(Row, table=True):
    """When a practitioner is away."""

    practitioner_id: UUID = Field(foreign_key="person.id")
    starts_at: datetime
    ends_at: datetime
    reason: str = Field(default="", max_length=120)

    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="in_order"),
        sa.Index("ix_time_off_practitioner", "practitioner_id", "ends_at"),
    )

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


class Appointment(Row, table=True):
    """One visit. The blocked range has its buffers too. `moves` counts the client's own; `revision` every change."""

    client_id: UUID = Field(foreign_key="person.id")
    practitioner_id: UUID = Field(foreign_key="person.id")
    treatment_id: UUID = Field(foreign_key="treatment.id", index=True)
    course_id: UUID | None = Field(default=None, foreign_key="course.id", index=True)
    starts_at: datetime
    ends_at: datetime
    blocked_from: datetime
    blocked_until: datetime
    state: State = Field(default=State.BOOKED, sa_type=enum_type(State))
    session_number: int | None = None
    booked_by_id: UUID = Field(foreign_key="person.id")
    booked_at: datetime = Field(default_factory=clock.now)
    cancelled_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    cancelled_at: datetime | None = None
    cancelled_reason: str = Field(default="", max_length=400)
    moves: int = 0
    revision: int = 0
    reminded_for: datetime | None = None

    __table_args__ = (
        sa.CheckConstraint(
            "blocked_from <= starts_at AND starts_at < ends_at AND ends_at <= blocked_until", name="in_order"
        ),
        sa.CheckConstraint("moves >= 0 AND moves <= revision", name="moves"),
        sa.Index("ix_appointment_client", "client_id", "starts_at"),
        sa.Index("ix_appointment_practitioner", "practitioner_id", "blocked_until"),
        sa.Index("ix_appointment_open", "starts_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        # The lock decides who gets a time; this would catch a path that forgot it.
        sa.Index(
            "ux_appointment_start",
            "practitioner_id",
            "starts_at",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    @property
    def is_booked(self) -> bool:
        return self.state is State.BOOKED

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def blocked(self) -> Span:
        return Span(self.blocked_from, self.blocked_until)


class AppointmentMove(Row, table=True):
    """An appointment was moved: from when, by whom, why. Never changed."""

    appointment_id: UUID = Field(foreign_key="appointment.id", index=True)
    client_id: UUID = Field(foreign_key="person.id", index=True)
    moved_by_id: UUID = Field(foreign_key="person.id")
    from_starts_at: datetime
    to_starts_at: datetime
    from_practitioner_id: UUID = Field(foreign_key="person.id")
    reason: str = Field(max_length=400)
    moved_at: datetime = Field(default_factory=clock.now)
