"""Who waits for what, the times that came free, and to whom each was offered."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row, enum_type
from portal.waiting import rules
from portal.waiting.rules import EndReason, OfferState, Waiting, Wish

_LIVING = sa.text("ended_at IS NULL")
_OPEN = sa.text("state = 'open'")
_PENDING = sa.text("done_at IS NULL")


class WaitingEntry(Row, table=True):
    """One client waits for one treatment. No practitioners: any; no grid: any time. `swaps_appointment_id`: a later
    appointment that would be given back, which began at `swaps_starts_at` when the client joined.
    """

    client_id: UUID = Field(foreign_key="person.id", index=True)
    treatment_id: UUID = Field(foreign_key="treatment.id")
    practitioner_ids: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    grid: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    not_before: date | None = None
    not_after: date | None = None
    swaps_appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", index=True)
    swaps_starts_at: datetime | None = None
    made_at: datetime = Field(default_factory=clock.now)
    ended_at: datetime | None = None
    end_reason: EndReason | None = Field(default=None, sa_type=enum_type(EndReason))

    __table_args__ = (
        sa.CheckConstraint("not_before IS NULL OR not_after IS NULL OR not_before <= not_after", name="in_order"),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended_why"),
        sa.CheckConstraint("(swaps_appointment_id IS NULL) = (swaps_starts_at IS NULL)", name="swaps_what"),
        sa.Index(
            "ux_waiting_entry_living",
            "client_id",
            "treatment_id",
            unique=True,
            sqlite_where=_LIVING,
            postgresql_where=_LIVING,
        ),
        sa.Index("ix_waiting_entry_order", "made_at", sqlite_where=_LIVING, postgresql_where=_LIVING),
    )

    @property
    def is_living(self) -> bool:
        return self.ended_at is None

    @property
    def times(self) -> str:
        """“Monday: morning; Friday: all day”."""
        return rules.in_words(self.grid)

    def waiting(self, earlier_than: datetime | None = None) -> Waiting:
        """As the order needs it. `earlier_than`: when the appointment they would give back begins now."""
        people = frozenset(map(UUID, self.practitioner_ids))
        wish = Wish(people, frozenset(self.grid), self.not_before, self.not_after, earlier_than)
        return Waiting(self.id, self.made_at, wish)


class FreedTime(Row, table=True):
    """A stretch of a practitioner's time that came free. From `offer_from` on it is offered, unless it is taken again
    by then; done when nobody who waits can have it.
    """

    practitioner_id: UUID = Field(foreign_key="person.id")
    starts_at: datetime
    ends_at: datetime
    freed_at: datetime = Field(default_factory=clock.now)
    offer_from: datetime
    done_at: datetime | None = None

    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="in_order"),
        sa.Index("ix_freed_time_pending", "offer_from", sqlite_where=_PENDING, postgresql_where=_PENDING),
    )


class WaitingOffer(Row, table=True):
    """One freed time offered to one person, kept for them meanwhile. At most one is open for each freed time and for
    each entry, whoever writes them.
    """

    entry_id: UUID = Field(foreign_key="waiting_entry.id")
    client_id: UUID = Field(foreign_key="person.id", index=True)
    freed_id: UUID = Field(foreign_key="freed_time.id", index=True)
    slot_hold_id: UUID | None = None
    practitioner_id: UUID = Field(foreign_key="person.id")
    starts_at: datetime
    offered_at: datetime = Field(default_factory=clock.now)
    answer_by: datetime
    state: OfferState = Field(default=OfferState.OPEN, sa_type=enum_type(OfferState))
    answered_at: datetime | None = None
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", index=True)

    __table_args__ = (
        sa.CheckConstraint("offered_at < answer_by AND answer_by < starts_at", name="in_order"),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="open_until_answered"),
        sa.Index("ux_waiting_offer_open", "freed_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ux_waiting_offer_entry", "entry_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    @property
    def is_open(self) -> bool:
        return self.state is OfferState.OPEN

    def is_answerable(self, at: datetime) -> bool:
        """While the client may say yes or no."""
        return self.is_open and at < self.answer_by
