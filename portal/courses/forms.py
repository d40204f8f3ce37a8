"""What a practitioner may plan."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from portal.courses import rules
from portal.kit import clock
from portal.kit.forms import Form, OptionalWords, Words
from portal.suitability.scope import DEEPEST_MM, SHALLOWEST_MM, Zone
from portal.treatments.rules import LONGEST_INTERVAL_DAYS, MOST_IN_A_COURSE, SHORTEST_INTERVAL_DAYS


def _numbers(value: object) -> object:
    """“1, 3” as typed into one field → [1, 3]; each once, in order; nothing typed → []."""
    typed = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    parts = typed.replace(",", " ").split()
    if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):  # noqa: PLR2004
        raise ValueError("Please write numbers of sessions, for example 1, 3, 6.")
    return sorted({int(part) for part in parts})


Numbers = Annotated[list[int], BeforeValidator(_numbers)]


class CourseForm(Form):
    """A course before it is agreed."""

    treatment_id: UUID
    sessions_planned: Annotated[int, Field(ge=1, le=MOST_IN_A_COURSE)]
    interval_days: Annotated[int, Field(ge=SHORTEST_INTERVAL_DAYS, le=LONGEST_INTERVAL_DAYS)]
    window_days: Annotated[int, Field(ge=0, le=rules.LONGEST_WINDOW_DAYS)] = 7
    zones: list[Zone] = Field(default_factory=list)
    depth_mm: Annotated[float, Field(ge=SHALLOWEST_MM, le=DEEPEST_MM, allow_inf_nan=False)] | None = None
    photos_before: Numbers = Field(default_factory=list)
    reviews_after: Numbers = Field(default_factory=list)
    review_on: date
    stop_rule: Words
    note: OptionalWords = ""

    @field_validator("photos_before", "reviews_after")
    @classmethod
    def _of_the_course(cls, numbers: list[int], info: ValidationInfo) -> list[int]:
        if problem := rules.numbers_problem(numbers, info.data.get("sessions_planned", MOST_IN_A_COURSE)):
            raise ValueError(problem)
        return numbers

    @field_validator("review_on")
    @classmethod
    def _ahead(cls, day: date) -> date:
        if problem := rules.review_problem(day, clock.now().date()):
            raise ValueError(problem)
        return day


class EndForm(Form):
    """Why a course ends; for the team."""

    reason: Annotated[Words, Field(max_length=1000)]
