"""What was done about a report, and what an admin may say about clocks."""

import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from portal.escalations.models import EscalationPolicy
from portal.escalations.rules import ActionKind
from portal.kit.forms import Form, Tick, Words

LATEST_HOUR, FEWEST_TIMES, MOST_TIMES = 24, 2, 4  # clients read “within a day” and “within seven days”
LATEST_DAY = 7
_TYPED_HOURS = re.compile(r"\d+(?:[,;\s]+\d+)*")


class ActionForm(Form):
    """What was done, and in which words."""

    kind: ActionKind
    text: Words


def _hours(text: object) -> object:
    """“4, 12, 20” as hours in order, with spaces between them: the next person, then everybody at least once."""
    words = str(text).strip()
    if not _TYPED_HOURS.fullmatch(words):
        raise ValueError("Please give hours with commas between them, for example 4, 12, 20.")
    hours = sorted({int(one[:6]) for one in re.findall(r"\d+", words)})
    if not 1 <= hours[0] <= hours[-1] <= LATEST_HOUR:
        raise ValueError(f"Each must be from 1 to {LATEST_HOUR} hours.")
    if not FEWEST_TIMES <= len(hours) <= MOST_TIMES:
        raise ValueError(f"Please give at least {FEWEST_TIMES} times, and at most {MOST_TIMES}.")
    return " ".join(map(str, hours))


def _chosen(ids: object) -> object:
    """What is left empty is nobody."""
    return [one for one in ids if str(one).strip()] if isinstance(ids, list) else ids


Minutes = Annotated[int, Field(ge=1, le=240)]
Hours = Annotated[int, Field(ge=1, le=72)]


class PolicyForm(Form):
    """The limits as edited. `duty`: who is asked first, in order; `day_again_hours` as typed: “4, 12, 20”."""

    duty: Annotated[list[UUID], Field(default_factory=list, max_length=50), BeforeValidator(_chosen)]
    urgent_next_minutes: Minutes
    urgent_all_minutes: Minutes
    urgent_due_minutes: Minutes
    urgent_act_hours: Annotated[int, Field(ge=1, le=24)]
    day_again_hours: Annotated[str, StringConstraints(max_length=60), BeforeValidator(_hours)]
    day_due_hours: Annotated[int, Field(ge=1, le=LATEST_HOUR)]
    day_act_hours: Hours
    day_outside_hours: Tick = False
    follow_up_days: Annotated[int, Field(ge=1, le=LATEST_DAY)]

    @field_validator("duty")
    @classmethod
    def _each_once(cls, duty: list[UUID]) -> list[UUID]:
        if len(set(duty)) < len(duty):
            raise ValueError("Please choose each person once.")
        return duty

    @field_validator("urgent_all_minutes")
    @classmethod
    def _after_the_next(cls, minutes: int, info: ValidationInfo) -> int:
        if minutes <= info.data.get("urgent_next_minutes", 0):
            raise ValueError("This must be later than the next person is told.")
        return minutes

    @field_validator("urgent_due_minutes")
    @classmethod
    def _after_everybody(cls, minutes: int, info: ValidationInfo) -> int:
        if minutes <= info.data.get("urgent_all_minutes", 0):
            raise ValueError("This must be later than everybody is told.")
        return minutes

    @field_validator("day_due_hours")
    @classmethod
    def _told_before(cls, hours: int, info: ValidationInfo) -> int:
        if hours < max(map(int, info.data.get("day_again_hours", "").split()), default=0):
            raise ValueError("This must not be earlier than the last time it is told again.")
        return hours

    @property
    def values(self) -> dict[str, Any]:
        """As the table keeps it."""
        kept = self.model_dump(exclude={"duty", "day_again_hours"})
        return kept | {
            "duty": [str(one) for one in self.duty],
            "day_again_hours": [int(one) for one in self.day_again_hours.split()],
        }


def as_typed(policy: EscalationPolicy) -> dict[str, object]:
    """The limits as their form shows them for the first time."""
    return policy.model_dump() | {"day_again_hours": ", ".join(map(str, policy.day_again_hours))}
