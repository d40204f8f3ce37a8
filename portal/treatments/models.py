"""The catalogue's table."""

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit.db import Row, enum_type
from portal.treatments import rules
from portal.treatments.rules import Kind


class Treatment(Row, table=True):
    """One thing that can be booked. Times in minutes; `interval_days` is the shortest rest after it, `cooling_off_days`
    the time to think between verdict or consent and the first session. `check_in_hours`: how long after a session the
    client is asked how it went, ascending; none after a consultation. Amounts in cents of the clinic's currency.
    """

    slug: str = Field(unique=True, max_length=60)
    name: str = Field(max_length=120)
    summary: str = Field(max_length=200)
    description: str = Field(default="", max_length=4000)
    kind: Kind = Field(sa_type=enum_type(Kind))
    minutes: int
    buffer_before: int = 0
    buffer_after: int = 0
    needs_verdict: bool
    interval_days: int = 0
    sessions_suggested: int = 1
    cooling_off_days: int = 0
    check_in_hours: list[int] = Field(default_factory=lambda: list(rules.CHECK_IN_HOURS), sa_type=sa.JSON)
    needs_room: bool = False
    needs_device: bool = False
    price_cents: int | None = None
    deposit_cents: int | None = None
    is_active: bool = True
    order: int = 0

    __table_args__ = (
        sa.CheckConstraint("needs_verdict = (kind = 'session')", name="verdict_follows_kind"),
        sa.CheckConstraint(
            f"kind <> 'session' OR interval_days >= {rules.SHORTEST_INTERVAL_DAYS}", name="interval_is_safe"
        ),
        sa.CheckConstraint(f"interval_days BETWEEN 0 AND {rules.LONGEST_INTERVAL_DAYS}", name="interval_in_range"),
        sa.CheckConstraint(
            f"minutes BETWEEN {rules.SHORTEST_MINUTES} AND {rules.LONGEST_MINUTES}", name="minutes_in_range"
        ),
        sa.CheckConstraint(
            f"buffer_before BETWEEN 0 AND {rules.LONGEST_BUFFER} AND buffer_after BETWEEN 0 AND {rules.LONGEST_BUFFER}",
            name="buffers_in_range",
        ),
        sa.CheckConstraint(
            f"cooling_off_days BETWEEN 0 AND {rules.LONGEST_COOLING_OFF_DAYS}", name="cooling_off_in_range"
        ),
        sa.CheckConstraint("price_cents IS NULL OR price_cents >= 0", name="price_not_negative"),
        sa.CheckConstraint("deposit_cents IS NULL OR deposit_cents >= 0", name="deposit_not_negative"),
    )

    @property
    def is_consultation(self) -> bool:
        return self.kind is Kind.CONSULTATION

    @property
    def is_free(self) -> bool:
        return self.price_cents == 0
