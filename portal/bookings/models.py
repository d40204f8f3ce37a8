"""Appointments, the time they take, times kept for a moment, overrides of the gate, and what was changed or asked."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field

from portal.availability.rules import Span
from portal.bookings.rules import HoldFor, OverrideKind, State, Wish
from portal.kit import clock
from portal.kit.db import Row, enum_type

_OPEN = sa.text("state = 'booked'")
_ON_HOLD = sa.text("state = 'booked' AND on_hold_since IS NOT NULL")
_UNSIGNED = sa.text("needs_countersign AND countersigned_at IS NULL")
_UNANSWERED = sa.text("answered_at IS NULL")


class TimeTaken(Row, table=True):
    """One stretch of time of one subject: a practitioner, a room, a device or a client. `owner_id` is the appointment
    or slot hold that takes it; `expires_at` is when a slot hold's claim ends by itself (None: never).

    On PostgreSQL two stretches of one subject cannot overlap, whoever writes them and whatever they looked at before.
    The subject stands in the constraint by its 64-bit hash as a range of one: comparing it by `=` would take an
    extension that not every server has. On SQLite the same is checked under the write lock.
    """

    subject_id: UUID
    starts_at: datetime
    ends_at: datetime
    owner_id: UUID = Field(index=True)
    expires_at: datetime | None = None

    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="in_order"),
        sa.Index("ix_time_taken_subject", "subject_id", "ends_at", "starts_at", "expires_at"),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(uuid_hash_extended(subject_id, 0), uuid_hash_extended(subject_id, 0), '[]')"), "&&"),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_time_taken_once",
            using="gist",
        ).ddl_if(dialect="postgresql"),
    )


class SlotHold(Row, table=True):
    """A free time kept for one client for some minutes: while they confirm, or while they answer an offer."""

    client_id: UUID = Field(foreign_key="person.id", index=True)
    treatment_id: UUID = Field(foreign_key="treatment.id")
    practitioner_id: UUID = Field(foreign_key="person.id")
    place_id: UUID | None = Field(default=None, foreign_key="place.id")
    room_id: UUID | None = Field(default=None, foreign_key="resource.id")
    device_id: UUID | None = Field(default=None, foreign_key="resource.id")
    starts_at: datetime
    ends_at: datetime
    blocked_from: datetime
    blocked_until: datetime
    kind: HoldFor = Field(default=HoldFor.CONFIRMING, sa_type=enum_type(HoldFor))
    made_at: datetime = Field(default_factory=clock.now)
    expires_at: datetime

    __table_args__ = (sa.CheckConstraint("starts_at < ends_at AND made_at < expires_at", name="in_order"),)

    @property
    def blocked(self) -> Span:
        return Span(self.blocked_from, self.blocked_until)

    @property
    def subjects(self) -> list[UUID]:
        """Whose time it takes."""
        return [one for one in (self.client_id, self.practitioner_id, self.room_id, self.device_id) if one]


class Appointment(Row, table=True):
    """One visit. The blocked range has its buffers too. `moves` counts the client's own; `revision` every change.

    On hold: the gate shut after it was booked; its time is kept until `on_hold_until`. `zones_done` is what a signed
    record says was treated. Fees and deposits are amounts to show, in cents; nothing is charged here.
    """

    client_id: UUID = Field(foreign_key="person.id")
    practitioner_id: UUID = Field(foreign_key="person.id")
    treatment_id: UUID = Field(foreign_key="treatment.id", index=True)
    course_id: UUID | None = Field(default=None, foreign_key="course.id", index=True)
    place_id: UUID | None = Field(default=None, foreign_key="place.id")
    room_id: UUID | None = Field(default=None, foreign_key="resource.id")
    device_id: UUID | None = Field(default=None, foreign_key="resource.id")
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
    is_late_cancel: bool = False
    fee_cents: int = 0
    deposit_cents: int = 0
    on_hold_since: datetime | None = None
    on_hold_until: datetime | None = None
    on_hold_codes: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    confirmed_at: datetime | None = None
    zones_done: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    moves: int = 0
    revision: int = 0

    __table_args__ = (
        sa.CheckConstraint(
            "blocked_from <= starts_at AND starts_at < ends_at AND ends_at <= blocked_until", name="in_order"
        ),
        sa.CheckConstraint("moves >= 0 AND moves <= revision", name="moves"),
        sa.CheckConstraint("fee_cents >= 0 AND deposit_cents >= 0", name="amounts_not_negative"),
        sa.CheckConstraint("(on_hold_since IS NULL) = (on_hold_until IS NULL)", name="on_hold_has_an_end"),
        sa.Index("ix_appointment_client", "client_id", "starts_at"),
        sa.Index("ix_appointment_practitioner", "practitioner_id", "blocked_until"),
        sa.Index("ix_appointment_open", "starts_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_appointment_on_hold", "on_hold_until", sqlite_where=_ON_HOLD, postgresql_where=_ON_HOLD),
    )

    def put(self, where: dict[str, Any]) -> None:
        """Another time or place, by column: what was confirmed, and what was on hold, was so for the old one."""
        self.sqlmodel_update(where)
        self.confirmed_at = None
        self.stand()

    def stand(self) -> None:
        """No longer on hold, which is a change that calendars hear of."""
        self.on_hold_since = self.on_hold_until = None
        self.on_hold_codes = []
        self.revision += 1

    @property
    def is_booked(self) -> bool:
        return self.state is State.BOOKED

    @property
    def is_on_hold(self) -> bool:
        return self.is_booked and self.on_hold_since is not None

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def blocked(self) -> Span:
        return Span(self.blocked_from, self.blocked_until)

    @property
    def subjects(self) -> list[UUID]:
        """Whose time it takes."""
        return [one for one in (self.client_id, self.practitioner_id, self.room_id, self.device_id) if one]


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


class GateOverride(Row, table=True):
    """A practitioner let an appointment stand although the gate is shut: which reasons, why, and who agreed. It stays
    for ever. It covers the reasons it names at the time it names, no others.
    """

    appointment_id: UUID = Field(foreign_key="appointment.id", index=True)
    client_id: UUID = Field(foreign_key="person.id", index=True)
    codes: list[str] = Field(sa_type=sa.JSON)
    for_starts_at: datetime
    kind: OverrideKind = Field(sa_type=enum_type(OverrideKind))
    reason: str = Field(max_length=1000)
    by_id: UUID = Field(foreign_key="person.id")
    at: datetime = Field(default_factory=clock.now)
    needs_countersign: bool = False
    countersigned_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    countersigned_at: datetime | None = None

    __table_args__ = (
        sa.Index("ix_gate_override_unsigned", "at", sqlite_where=_UNSIGNED, postgresql_where=_UNSIGNED),
        sa.CheckConstraint("length(reason) > 0", name="reason_given"),
        sa.CheckConstraint("countersigned_by_id <> by_id", name="two_people"),
        sa.CheckConstraint("(countersigned_by_id IS NULL) = (countersigned_at IS NULL)", name="countersigned_when"),
    )

    @property
    def is_effective(self) -> bool:
        return not self.needs_countersign or self.countersigned_at is not None


class ChangeRequest(Row, table=True):
    """A client asks for a move or a cancellation that it is too late to make alone; the clinic answers once."""

    appointment_id: UUID = Field(foreign_key="appointment.id", index=True)
    client_id: UUID = Field(foreign_key="person.id", index=True)
    wish: Wish = Field(sa_type=enum_type(Wish))
    reason: str = Field(max_length=400)
    made_at: datetime = Field(default_factory=clock.now)
    answered_at: datetime | None = None
    answered_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    answer: str = Field(default="", max_length=400)

    __table_args__ = (
        sa.Index(
            "ux_change_request_open",
            "appointment_id",
            unique=True,
            sqlite_where=_UNANSWERED,
            postgresql_where=_UNANSWERED,
        ),
        sa.Index("ix_change_request_open", "made_at", sqlite_where=_UNANSWERED, postgresql_where=_UNANSWERED),
    )
