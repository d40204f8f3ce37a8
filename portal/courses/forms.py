"""What a practitioner may plan."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator

from portal.courses import rules
from portal.kit import clock
from portal.kit.forms import Form, OptionalWords, Words
from portal.treatments.rules import LONGEST_INTERVAL_DAYS, MOST_IN_A_COURSE, SHORTEST_INTERVAL_DAYS


class CourseForm(Form):
    """A course before it is agreed."""

    treatment_id: UUID
    sessions_planned: Annotated[int, Field(ge=1, le=MOST_IN_A_COURSE)]
    interval_days: Annotated[int, Field(ge=SHORTEST_INTERVAL_DAYS, le=LONGEST_INTERVAL_DAYS)]
    review_on: date
    stop_rule: Words
    note: OptionalWords = ""

    @field_validator("review_on")
    @classmethod
    def _ahead(cls, day: date) -> date:
        if problem := rules.review_problem(day, clock.now().date()):
            raise ValueError(problem)
        return day


class EndForm(Form):
    """Why a course ends; for the team."""

    reason: Annotated[Words, Field(max_length=1000)]
