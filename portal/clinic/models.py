"""The clinic's own data: its profile and its booking policy, a single row each."""

from datetime import time
from urllib.parse import quote

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit.db import Row


class ClinicProfile(Row, table=True):
    """What every page and e-mail says about the clinic. Numbers are E.164."""

    name: str = Field(default="Your clinic", max_length=120)
    tagline: str = Field(default="Scalp micro-needling", max_length=120)
    address: str = Field(default="", max_length=400)
    phone: str = Field(default="", max_length=20)
    whatsapp: str = Field(default="", max_length=20)
    email: str = Field(default="", max_length=254)
    opening_hours: str = Field(default="", max_length=400)
    emergency_number: str = Field(default="112", max_length=20)
    time_zone: str = Field(default="Europe/Berlin", max_length=60)
    currency: str = Field(default="EUR", max_length=3)
    accent: str = Field(default="#2f5f55", max_length=7)

    @property
    def phone_href(self) -> str:
        return f"tel:{self.phone}"

    @property
    def whatsapp_href(self) -> str | None:
        return f"https://wa.me/{self.whatsapp.lstrip('+')}" if self.whatsapp else None

    def whatsapp_with(self, text: str) -> str | None:
        """A link that opens WhatsApp with the text filled in; the person still presses send."""
        return f"{self.whatsapp_href}?text={quote(text)}" if self.whatsapp else None


class BookingPolicy(Row, table=True):
    """The clinic's own limits for booking, holding, moving, cancelling, reminding and waiting. Amounts in cents."""

    step_minutes: int = 15
    notice_hours: int = 12
    horizon_days: int = 60
    staff_horizon_days: int = 366
    most_open: int = 3
    move_until_hours: int = 24
    cancel_until_hours: int = 24
    most_moves: int = 3
    late_cancel_fee_cents: int = 0
    no_show_fee_cents: int = 0
    slot_hold_minutes: int = 10
    on_hold_keep_hours: int = 72
    waiting_answer_minutes: int = 120
    waiting_grace_minutes: int = 5
    reminder_hours: list[int] = Field(default_factory=lambda: [72, 24], sa_type=sa.JSON)
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    directions: str = Field(default="", max_length=400)
    hold_from: str = Field(default="day", max_length=20)

    __table_args__ = (
        sa.CheckConstraint("step_minutes BETWEEN 5 AND 60", name="step_in_range"),
        sa.CheckConstraint("notice_hours >= 0 AND horizon_days >= 1 AND staff_horizon_days >= 1", name="ahead"),
        sa.CheckConstraint("move_until_hours >= 0 AND cancel_until_hours >= 0", name="windows"),
        sa.CheckConstraint("slot_hold_minutes BETWEEN 1 AND 60", name="slot_hold_in_range"),
        sa.CheckConstraint("late_cancel_fee_cents >= 0 AND no_show_fee_cents >= 0", name="fees_not_negative"),
    )
