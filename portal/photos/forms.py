"""What comes with photos."""

from datetime import date

from pydantic import field_validator

from portal.kit import clock
from portal.kit.forms import Form
from portal.photos.rules import View, date_problem


def _possible(value: date | None) -> date | None:
    # UTC+14: a person's own calendar may be a day ahead of ours
    if value and (problem := date_problem(value, clock.today("Pacific/Kiritimati"))):
        raise ValueError(problem)
    return value


class PhotoForm(Form):
    """The view, and the day for files that do not know it. The files themselves come beside."""

    view: View
    taken_on: date | None = None

    _day = field_validator("taken_on")(_possible)


class DateForm(Form):
    """The day a photo was taken."""

    taken_on: date

    _day = field_validator("taken_on")(_possible)
