"""What may be submitted about appointments."""

from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from portal.bookings.rules import Override, OverrideKind, Wish
from portal.kit.forms import Bound, Form, Line, OptionalWords, Tick, Words
from portal.treatments.rules import MOST_IN_A_COURSE

_YEARS = 2000, 2200


class Chosen(NamedTuple):
    """A time of a chooser page: with whom and when (UTC)."""

    practitioner_id: UUID
    starts_at: datetime


def _chosen(value: object) -> object:
    """“2026-05-04T08:00:00+00:00/<uuid>” as the radio buttons send it."""
    when, _, who = str(value).partition("/")
    try:
        moment, practitioner_id = datetime.fromisoformat(when), UUID(who)
    except ValueError as error:
        raise ValueError("Please choose one of the times.") from error
    if moment.tzinfo is None or not _YEARS[0] < moment.year < _YEARS[1]:
        raise ValueError("Please choose one of the times.")
    return Chosen(practitioner_id, moment.astimezone(UTC))


Time = Annotated[Chosen, BeforeValidator(_chosen)]
Reason = Annotated[Line, StringConstraints(max_length=300)]


class InSpite(Form):
    """Why a practitioner decides in spite of the gate; both or neither."""

    override_kind: OverrideKind | None = None
    override_reason: Annotated[OptionalWords, Field(max_length=1000, validate_default=True)] = ""

    @field_validator("override_reason")
    @classmethod
    def _with_its_kind(cls, reason: str, info: ValidationInfo) -> str:
        if info.data.get("override_kind") and not reason:
            raise ValueError("Please say why. It stays with the appointment for ever.")
        return reason

    @property
    def override(self) -> Override | None:
        return Override(self.override_kind, self.override_reason) if self.override_kind else None


class BookForm(InSpite):
    """A treatment and one of its free times, which may be kept already."""

    treatment: Annotated[str, StringConstraints(max_length=60)]
    slot: Time = Field(default="", validate_default=True)  # nothing chosen gets the sentence of a wrong choice
    hold: UUID | None = None


class MoveForm(InSpite):
    """Another time, and why; with the sessions after it, if wished."""

    slot: Time = Field(default="", validate_default=True)
    reason: Reason
    following: Tick = False


class CancelForm(Form):
    """Why an appointment is given up; the team says whether the client wished it."""

    reason: Reason
    at_clients_wish: Tick = False


class OverrideForm(Form):
    """Why an appointment that is on hold shall stand."""

    override_kind: OverrideKind
    override_reason: Annotated[Words, Field(max_length=1000)]

    @property
    def override(self) -> Override:
        return Override(self.override_kind, self.override_reason)


class AskForm(Form):
    """A change that it is too late to make alone."""

    wish: Wish
    reason: Reason


class AnswerForm(Form):
    """What the client reads when the wish is not granted."""

    answer: Reason


class CourseForm(Form):
    """One time for each session of a course that is not booked yet."""

    slot: list[Time] = Field(min_length=1, max_length=MOST_IN_A_COURSE)


def status_of(form: Bound[Any]) -> int:
    """200 for a fresh page, 422 for a mistake in a field, 409 where a rule said no (a sentence above the form)."""
    if form.ok:
        return 200
    return 409 if "" in form.errors else 422
