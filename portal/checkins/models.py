"""One question to a client with its clock, and the clinic's limits."""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Field

from portal.checkins import rules
from portal.checkins.rules import Did, Kind, Limits, Planned, State, Why
from portal.kit.db import Row, enum_type
from portal.waiting.rules import Quiet

_LOOKED_AT = sa.text("next_at IS NOT NULL")
_WAITING = "answered_at IS NULL AND missed_at IS NULL AND ended_at IS NULL"
_ASKED_AGAIN = sa.text(f"report_id IS NOT NULL AND {_WAITING}")
_TASK = sa.text("missed_at IS NOT NULL AND answered_at IS NULL AND closed_at IS NULL AND ended_at IS NULL")


class CheckIn(Row, table=True):
    """One question: after a session (`appointment_id`, nominally `hours` after it), or follow-up `number` to a report.

    A report from `opens_at` on answers it. `next_at`: when to look again, or None once nothing is to be done; what is
    to be done then is worked out anew. `missed_at` may stand beside `answered_at`: it was answered late.
    """

    client_id: UUID = Field(foreign_key="person.id")
    kind: Kind = Field(sa_type=enum_type(Kind, "check_in_kind"))
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", ondelete="CASCADE")
    report_id: UUID | None = Field(default=None, foreign_key="side_effect_report.id", ondelete="CASCADE")
    hours: int
    number: int = 0
    opens_at: datetime
    due_at: datetime
    next_due_at: datetime | None = None
    next_at: datetime | None = None
    reminded_at: datetime | None = None
    answered_at: datetime | None = None
    answer_id: UUID | None = Field(default=None, foreign_key="side_effect_report.id", ondelete="SET NULL", index=True)
    missed_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    did: Did | None = Field(default=None, sa_type=enum_type(Did))
    closing_note: str = Field(default="", max_length=4000)
    ended_at: datetime | None = None
    ended_why: Why | None = Field(default=None, sa_type=enum_type(Why, "ended_why"))

    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "hours"),  # a follow-up has no appointment: never the same
        sa.UniqueConstraint("report_id", "number"),
        sa.CheckConstraint("(kind = 'scheduled') = (appointment_id IS NOT NULL)", name="scheduled_by_a_session"),
        sa.CheckConstraint("(kind = 'follow_up') = (report_id IS NOT NULL)", name="follows_a_report"),
        sa.CheckConstraint("opens_at <= due_at", name="opens_before_it_is_due"),
        sa.CheckConstraint("closed_at IS NULL OR missed_at IS NOT NULL", name="closed_when_missed"),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL) AND (closed_at IS NULL) = (did IS NULL)",
            name="closed_by_whom",
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended_for_a_reason"),
        sa.CheckConstraint(f"next_at IS NULL OR ({_WAITING})", name="looked_at_while_waiting"),
        sa.Index("ix_check_in_client", "client_id", "due_at"),
        sa.Index("ix_check_in_next", "next_at", sqlite_where=_LOOKED_AT, postgresql_where=_LOOKED_AT),
        sa.Index("ix_check_in_task", "missed_at", sqlite_where=_TASK, postgresql_where=_TASK),
        sa.Index(
            "ux_check_in_follow_up",
            "report_id",
            unique=True,
            sqlite_where=_ASKED_AGAIN,
            postgresql_where=_ASKED_AGAIN,
        ),
    )

    @property
    def is_follow_up(self) -> bool:
        return self.kind is Kind.FOLLOW_UP

    @property
    def is_waiting(self) -> bool:
        """Neither answered nor missed nor given up."""
        return not (self.answered_at or self.missed_at or self.ended_at)

    @property
    def is_task(self) -> bool:
        """Missed, and nobody has said what they did about it."""
        return bool(self.missed_at) and not (self.answered_at or self.closed_at or self.ended_at)

    @property
    def is_late(self) -> bool:
        return bool(self.answered_at and self.missed_at)

    @property
    def about(self) -> UUID:
        """The session or the report it asks about."""
        return self.report_id or self.appointment_id or self.id

    @property
    def called(self) -> str:
        """“24-hour check-in”, “Follow-up”."""
        return "Follow-up" if self.is_follow_up else f"{rules.called(self.hours)} check-in"

    def state(self, at: datetime) -> State:
        return rules.state(
            opens_at=self.opens_at,
            due_at=self.due_at,
            at=at,
            answered_at=self.answered_at,
            missed=self.missed_at,
            closed_at=self.closed_at,
            ended_at=self.ended_at,
        )

    def end(self, why: Why, at: datetime) -> None:
        """It is no longer asked."""
        self.ended_at, self.ended_why, self.next_at = at, why, None

    def revive(self, planned: Planned, next_at: datetime) -> None:
        """It is asked after all: the session took place, perhaps at another time."""
        self.sqlmodel_update(planned._asdict())
        self.ended_at = self.ended_why = self.reminded_at = self.missed_at = None
        self.next_at = next_at

    def answer(self, report_id: UUID, at: datetime) -> None:
        self.answered_at, self.answer_id, self.next_at = at, report_id, None


class CheckInPolicy(Row, table=True):
    """The clinic's limits: one row. Quiet hours are on the clinic's wall."""

    quiet_from: time = time(21)
    quiet_until: time = time(8)
    missed_after_hours: int = 24
    answer_hours: int = 4
    follow_up_hours: int = 24

    __table_args__ = (
        sa.CheckConstraint("missed_after_hours BETWEEN 1 AND 168", name="missed_after_in_range"),
        sa.CheckConstraint("answer_hours BETWEEN 1 AND 48", name="answer_in_range"),
        sa.CheckConstraint("follow_up_hours BETWEEN 4 AND 24", name="follow_up_in_range"),
    )

    def limits(self, zone: ZoneInfo) -> Limits:
        """As the rules take it."""
        return Limits(
            quiet=Quiet(self.quiet_from, self.quiet_until, zone),
            missed_after=timedelta(hours=self.missed_after_hours),
            answer_within=timedelta(hours=self.answer_hours),
            follow_up=timedelta(hours=self.follow_up_hours),
        )
