"""What may be submitted about appointments, weekly hours and time off."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from portal.bookings.rules import Hours
from portal.kit.forms import Bound, Form, Line, OptionalLine

_YEARS = 2000, 2200
LONGEST_AWAY = timedelta(days=366)


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


def _wall(value: time) -> time:
    if value.tzinfo or value.second or value.microsecond:
        raise ValueError("Please give a time, for example 14:30.")
    return value


Time = Annotated[Chosen, BeforeValidator(_chosen)]
WallTime = Annotated[time, AfterValidator(_wall)]
Reason = Annotated[Line, StringConstraints(max_length=300)]


class BookForm(Form):
    """A treatment and one of its free times."""

    treatment: Annotated[str, StringConstraints(max_length=60)]
    slot: Time


class MoveForm(Form):
    """Another time, and why."""

    slot: Time
    reason: Reason


class CancelForm(Form):
    """Why an appointment is given up."""

    reason: Reason


class HoursForm(Form):
    """One row of a week, on the clinic's clock."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    opens: WallTime
    closes: WallTime
    valid_from: date | None = None
    valid_until: date | None = None

    @field_validator("closes")
    @classmethod
    def _after_opening(cls, closes: time, info: ValidationInfo) -> time:
        opens = info.data.get("opens")
        if opens is not None and closes <= opens:
            raise ValueError("The closing time must be after the opening time.")
        return closes

    @field_validator("valid_until")
    @classmethod
    def _not_before_the_first(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("valid_from")
        if first and last and last < first:
            raise ValueError("The last day must not be before the first day.")
        return last

    @property
    def hours(self) -> Hours:
        return Hours(self.weekday, self.opens, self.closes, self.valid_from, self.valid_until)


class TimeOffForm(Form):
    """Days away, or part of them; without times whole days. On the clinic's clock."""

    first_day: date
    from_time: WallTime | None = None
    last_day: date
    until_time: WallTime | None = None
    reason: OptionalLine = ""

    @field_validator("last_day")
    @classmethod
    def _not_before_the_first(cls, last: date, info: ValidationInfo) -> date:
        first = info.data.get("first_day")
        if first and last < first:
            raise ValueError("The last day must not be before the first day.")
        if first and last - first > LONGEST_AWAY:
            raise ValueError("That is more than a year. Please enter it in parts.")
        return last

    @field_validator("until_time")
    @classmethod
    def _after_the_beginning(cls, until: time | None, info: ValidationInfo) -> time | None:
        same_day = info.data.get("first_day") == info.data.get("last_day")
        if same_day and until and until <= (info.data.get("from_time") or time.min):
            raise ValueError("The end must be after the beginning.")
        return until


def status_of(form: Bound[Any]) -> int:
    """200 for a fresh page, 422 for a mistake in a field, 409 where a rule said no (a sentence above the form)."""
    if form.ok:
        return 200
    return 409 if "" in form.errors else 422
