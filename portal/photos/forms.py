"""What comes with photos."""

from datetime import date

from pydantic import field_validator

from portal.kit import clock
from portal.kit.forms import Form
from portal.photos.rules import HairLength, Parting, Product, Wetness, date_problem
from portal.photos.views import GUIDES, Presentation, View


def _possible(value: date | None) -> date | None:
    # UTC+14: a person's own calendar may be a day ahead of ours
    if value and (problem := date_problem(value, clock.today("Pacific/Kiritimati"))):
        raise ValueError(problem)
    return value


def _of_the_series(value: View) -> View:
    if value not in GUIDES:
        raise ValueError("Please choose one of the options.")
    return value


class HairForm(Form):
    """What a photo does not show by itself; what nobody said is unknown."""

    wetness: Wetness = Wetness.UNKNOWN
    product: Product = Product.UNKNOWN
    parting: Parting = Parting.UNKNOWN
    length: HairLength = HairLength.UNKNOWN


class PhotoForm(HairForm):
    """The view, and the day for files that do not know it. The files themselves come beside."""

    view: View
    taken_on: date | None = None

    _day = field_validator("taken_on")(_possible)
    _series = field_validator("view")(_of_the_series)


class DateForm(Form):
    """The day a photo was taken."""

    taken_on: date

    _day = field_validator("taken_on")(_possible)


class ViewForm(Form):
    """Which view a photo shows."""

    view: View

    _series = field_validator("view")(_of_the_series)


class PlanForm(Form):
    """Which kind of hair loss a client's series follows."""

    presentation: Presentation
