"""What an admin may say about booking: the clinic's own limits."""

import re
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from portal.clinic.models import BookingPolicy
from portal.kit.forms import Form, OptionalWords

LONGEST_REMINDER_HOURS, MOST_REMINDERS = 336, 4
STEPS = (5, 10, 15, 20, 30, 60)
_TYPED_HOURS = re.compile(r"\d+(?:[,;\s]+\d+)*")


def _step(minutes: int) -> int:
    if minutes not in STEPS:
        raise ValueError("Please choose one of the options.")
    return minutes


def _hours(text: object) -> object:
    """“72, 24” → (72, 24), the longest first; nothing → no reminder."""
    words = str(text).strip()
    if words and not _TYPED_HOURS.fullmatch(words):
        raise ValueError("Please give hours with commas between them, for example 72, 24.")
    hours = sorted({int(one[:6]) for one in re.findall(r"\d+", words)}, reverse=True)
    if hours and not 1 <= hours[-1] <= hours[0] <= LONGEST_REMINDER_HOURS:
        raise ValueError(f"Each must be from 1 to {LONGEST_REMINDER_HOURS} hours (two weeks).")
    if len(hours) > MOST_REMINDERS:
        raise ValueError(f"At most {MOST_REMINDERS} reminders for each appointment.")
    return " ".join(map(str, hours))


def _wall(value: time) -> time:
    if value.tzinfo or value.second or value.microsecond:
        raise ValueError("Please give a time, for example 21:00.")
    return value


Minute = Annotated[int, Field(ge=1, le=60)]
Hours = Annotated[int, Field(ge=0, le=336)]
Days = Annotated[int, Field(ge=1, le=1098)]
Fee = Annotated[Decimal, Field(ge=0, le=10_000, decimal_places=2)]
WallTime = Annotated[time, AfterValidator(_wall)]


class PolicyForm(Form):
    """The booking policy as edited; fees in the clinic's currency. `reminder_hours` as typed: “72, 24”."""

    step_minutes: Annotated[int, AfterValidator(_step)]
    notice_hours: Hours
    horizon_days: Days
    staff_horizon_days: Days
    most_open: Annotated[int, Field(ge=1, le=50)]
    slot_hold_minutes: Minute
    move_until_hours: Hours
    cancel_until_hours: Hours
    most_moves: Annotated[int, Field(ge=0, le=20)]
    late_cancel_fee: Fee = Decimal(0)
    no_show_fee: Fee = Decimal(0)
    hold_from: Literal["day", "urgent"]
    on_hold_keep_hours: Annotated[int, Field(ge=1, le=720)]
    waiting_answer_minutes: Annotated[int, Field(ge=5, le=2880)]
    waiting_grace_minutes: Annotated[int, Field(ge=0, le=120)]
    reminder_hours: Annotated[str, StringConstraints(max_length=60), BeforeValidator(_hours)] = ""
    quiet_from: WallTime
    quiet_until: WallTime
    directions: Annotated[OptionalWords, StringConstraints(max_length=400)] = ""

    @field_validator("staff_horizon_days")
    @classmethod
    def _further_than_clients(cls, days: int, info: ValidationInfo) -> int:
        if days < info.data.get("horizon_days", days):
            raise ValueError("The team must see at least as far ahead as clients do.")
        return days

    @property
    def values(self) -> dict[str, Any]:
        """As the table keeps it."""
        kept = self.model_dump(exclude={"late_cancel_fee", "no_show_fee", "reminder_hours"})
        kept["reminder_hours"] = [int(one) for one in self.reminder_hours.split()]
        return kept | {
            "late_cancel_fee_cents": int(self.late_cancel_fee * 100),
            "no_show_fee_cents": int(self.no_show_fee * 100),
        }


def as_typed(policy: BookingPolicy) -> dict[str, object]:
    """The policy as its form shows it for the first time."""
    return policy.model_dump() | {
        "late_cancel_fee": f"{policy.late_cancel_fee_cents / 100:.2f}",
        "no_show_fee": f"{policy.no_show_fee_cents / 100:.2f}",
        "reminder_hours": ", ".join(map(str, policy.reminder_hours)),
        "quiet_from": policy.quiet_from.strftime("%H:%M"),
        "quiet_until": policy.quiet_until.strftime("%H:%M"),
    }
