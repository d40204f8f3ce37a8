"""What may be submitted about hours, time off, places, rooms, devices and closed days."""

from datetime import date, time, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from portal.availability.rules import Hours, ResourceKind
from portal.kit.forms import Form, Line, OptionalLine, OptionalWords, Tick

LONGEST_AWAY = timedelta(days=366)
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)


def _wall(value: time) -> time:
    if value.tzinfo or value.second or value.microsecond:
        raise ValueError("Please give a time, for example 14:30.")
    return value


def _sensible(day: date) -> date:
    if not _FIRST_DAY <= day < _LAST_DAY:
        raise ValueError("Please check the year of this date.")
    return day


WallTime = Annotated[time, AfterValidator(_wall)]
Day = Annotated[date, AfterValidator(_sensible)]
Paragraph = Annotated[OptionalWords, StringConstraints(max_length=400)]


class HoursForm(Form):
    """One row of a week, on the clinic's clock: work at a place, or a break wherever that is."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    is_break: Tick = False
    opens: WallTime
    closes: WallTime
    place_id: UUID | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None

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
        return Hours(
            self.weekday, self.opens, self.closes, self.valid_from, self.valid_until, self.place_id, self.is_break
        )


class OpeningForm(Form):
    """Some hours of one day, outside the week."""

    day: Day
    starts: WallTime
    ends: WallTime
    at_place: UUID | None = None

    @field_validator("ends")
    @classmethod
    def _after_the_beginning(cls, ends: time, info: ValidationInfo) -> time:
        starts = info.data.get("starts")
        if starts is not None and ends <= starts:
            raise ValueError("The end must be after the beginning.")
        return ends


class DaysForm(Form):
    """Some days, or part of them; without times whole days. On the clinic's clock."""

    first_day: Day
    from_time: WallTime | None = None
    last_day: Day
    until_time: WallTime | None = None

    @field_validator("last_day")
    @classmethod
    def _in_order(cls, last: date, info: ValidationInfo) -> date:
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


class TimeOffForm(DaysForm):
    """A practitioner is away."""

    reason: OptionalLine = ""


class OutageForm(DaysForm):
    """A room or device cannot be used."""

    reason: OptionalLine = ""


class ClosureForm(DaysForm):
    """The whole clinic, or one place, is shut."""

    name: Line
    place_id: UUID | None = None


class PlaceForm(Form):
    """Where the clinic treats."""

    name: Line
    address: Paragraph = ""
    directions: Paragraph = ""
    is_active: Tick = False


class ResourceForm(Form):
    """A room or a device, where it is, and what it serves."""

    kind: ResourceKind
    name: Line
    place_id: UUID | None = None
    treatments: tuple[UUID, ...] = ()
    is_active: Tick = False
