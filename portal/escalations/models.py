"""The clock of each report, who was told at which step, what was done, and the clinic's limits."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.escalations.rules import ActionKind, Clocks
from portal.kit import clock
from portal.kit.db import Row, enum_type
from portal.side_effects.rules import Level

_NEXT = sa.text("next_at IS NOT NULL")
_RUNNING = sa.text("done_at IS NULL")


class Escalation(Row, table=True):
    """One report on its way to a person. `step`: how many steps were done; the present round began at `since` with step
    `first_step`. `next_at`: when to look again, or None; what is to be done then is worked out anew.

    `acknowledged_at`: who has it, `acknowledged_by_id`, said so in this round; with no time they let it lie. `seen_at`
    and `acted_at`: the first time since it was raised. Red after `due_at` until somebody acts.
    """

    report_id: UUID = Field(foreign_key="side_effect_report.id", unique=True, ondelete="CASCADE")
    client_id: UUID = Field(foreign_key="person.id", index=True)
    level: Level = Field(sa_type=enum_type(Level))
    raised_at: datetime = Field(default_factory=clock.now, index=True)
    due_at: datetime
    since: datetime = Field(default_factory=clock.now)
    first_step: int = 0
    step: int = 0
    next_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    seen_at: datetime | None = None
    acted_at: datetime | None = None
    done_at: datetime | None = None

    __table_args__ = (
        sa.CheckConstraint("0 <= first_step AND first_step <= step", name="steps_in_order"),
        sa.CheckConstraint("acknowledged_at IS NULL OR acknowledged_by_id IS NOT NULL", name="acknowledged_by_whom"),
        sa.CheckConstraint("next_at IS NULL OR (acted_at IS NULL AND done_at IS NULL)", name="stopped_when_acted"),
        sa.Index("ix_escalation_next", "next_at", sqlite_where=_NEXT, postgresql_where=_NEXT),
        sa.Index("ix_escalation_running", "raised_at", sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )

    @property
    def is_stopped(self) -> bool:
        return self.done_at is not None or self.acted_at is not None

    @property
    def is_waiting(self) -> bool:
        """Nobody has said that they have it."""
        return not self.is_stopped and self.acknowledged_at is None

    def is_red(self, at: datetime) -> bool:
        return not self.is_stopped and at >= self.due_at


class EscalationNotice(Row, table=True):
    """One person was told at one step."""

    escalation_id: UUID = Field(foreign_key="escalation.id", ondelete="CASCADE")
    step: int
    person_id: UUID = Field(foreign_key="person.id", index=True)
    at: datetime = Field(default_factory=clock.now)

    __table_args__ = (sa.UniqueConstraint("escalation_id", "step", "person_id"),)


class CaseAction(Row, table=True):
    """What a practitioner did about a report; never changed."""

    report_id: UUID = Field(foreign_key="side_effect_report.id", ondelete="CASCADE", index=True)
    client_id: UUID = Field(foreign_key="person.id", index=True)
    kind: ActionKind = Field(sa_type=enum_type(ActionKind))
    text: str = Field(max_length=4000)
    by_id: UUID = Field(foreign_key="person.id")
    at: datetime = Field(default_factory=clock.now)


class EscalationPolicy(Row, table=True):
    """The clinic's limits and who is asked first: one row. `duty`: ids of practitioners, in order."""

    duty: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    urgent_next_minutes: int = 15
    urgent_all_minutes: int = 30
    urgent_due_minutes: int = 60
    urgent_act_hours: int = 2
    day_again_hours: list[int] = Field(default_factory=lambda: [4, 12, 20], sa_type=sa.JSON)
    day_due_hours: int = 24
    day_act_hours: int = 8
    day_outside_hours: bool = False
    follow_up_days: int = 7

    __table_args__ = (
        sa.CheckConstraint(
            "0 < urgent_next_minutes AND urgent_next_minutes < urgent_all_minutes"
            " AND urgent_all_minutes < urgent_due_minutes",
            name="urgent_in_order",
        ),
        sa.CheckConstraint("urgent_act_hours > 0 AND day_act_hours > 0", name="hours_positive"),
        sa.CheckConstraint("day_due_hours BETWEEN 1 AND 24", name="within_a_day"),
        sa.CheckConstraint("follow_up_days BETWEEN 1 AND 7", name="follow_up_in_range"),
    )

    @property
    def clocks(self) -> Clocks:
        """As the rules take it."""
        return Clocks(
            urgent_next=timedelta(minutes=self.urgent_next_minutes),
            urgent_all=timedelta(minutes=self.urgent_all_minutes),
            urgent_due=timedelta(minutes=self.urgent_due_minutes),
            urgent_act=timedelta(hours=self.urgent_act_hours),
            day_again=tuple(timedelta(hours=hours) for hours in self.day_again_hours),
            day_due=timedelta(hours=self.day_due_hours),
            day_act=timedelta(hours=self.day_act_hours),
            day_outside_hours=self.day_outside_hours,
            follow_up_due=timedelta(days=self.follow_up_days),
        )
