"""What a practitioner may sign."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from portal.kit import clock
from portal.kit.forms import Form, OptionalWords, Words
from portal.suitability import scope
from portal.suitability.rules import Outcome
from portal.suitability.scope import DEEPEST_MM, SHALLOWEST_MM, Zone
from portal.treatments.rules import MOST_IN_A_COURSE

MISSING = "Please fill this in."


class VerdictForm(Form):
    """A verdict before it is signed. A yes needs scope and a last day, a deferral its day, conditions their words.

    `answers_seen`: the newest health answers as the page showed them, by id; "none"; empty when no page was shown.
    """

    outcome: Outcome
    reasons: Words
    conditions: OptionalWords = ""
    treatment_id: UUID
    sessions: Annotated[int, Field(ge=1, le=MOST_IN_A_COURSE)] | None = None
    zones: list[Zone] = Field(default_factory=list)
    max_depth_mm: Annotated[float, Field(ge=SHALLOWEST_MM, le=DEEPEST_MM, allow_inf_nan=False)] | None = None
    valid_until: date | None = None
    deferred_until: date | None = None
    despite_answers: Annotated[OptionalWords, Field(max_length=1000)] = ""
    note_private: OptionalWords = ""
    answers_seen: Annotated[str, Field(max_length=40)] = ""

    @field_validator("conditions")
    @classmethod
    def _conditions_when_conditional(cls, words: str, info: ValidationInfo) -> str:
        if info.data.get("outcome") is Outcome.WITH_CONDITIONS and not words:
            raise ValueError("Please say what the conditions are.")
        return words

    @field_validator("sessions", "max_depth_mm", "zones")
    @classmethod
    def _scope_when_yes(cls, value: object, info: ValidationInfo) -> object:
        if _allows(info) and not value:
            raise ValueError("Please choose at least one." if info.field_name == "zones" else MISSING)
        return value

    @field_validator("valid_until")
    @classmethod
    def _valid_for_a_while(cls, day: date | None, info: ValidationInfo) -> date | None:
        if _allows(info):
            if day is None:
                raise ValueError(MISSING)
            if problem := scope.validity_problem(day, clock.now().date()):
                raise ValueError(problem)
        return day

    @field_validator("deferred_until")
    @classmethod
    def _deferred_to_a_day(cls, day: date | None, info: ValidationInfo) -> date | None:
        if info.data.get("outcome") is Outcome.DEFERRED and (day is None or day <= clock.now().date()):
            raise ValueError("Please choose a day in the future on which to look again.")
        return day


class HoldForm(Form):
    """Why new sessions are paused; the client reads it."""

    reason: Annotated[Words, Field(max_length=1000)]


def _allows(info: ValidationInfo) -> bool:
    outcome = info.data.get("outcome")
    return isinstance(outcome, Outcome) and outcome.allows
