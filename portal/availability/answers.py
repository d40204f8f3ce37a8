"""What several pages of this feature do alike: a refusal beside its field, and what to say about booked time."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from portal.availability import queries
from portal.availability.service import WhichPlace
from portal.availability.shut import Shut
from portal.kit.errors import Refused
from portal.kit.forms import Bound


def done(form: Bound[Any], field: str, act: Callable[[], object], place: str = "place_id") -> bool:
    """Act if the form is right; what is refused stands beside `field`, what is about the place beside `place`."""
    if form.ok:
        try:
            act()
        except WhichPlace as error:
            form.fail(place, error.sentence)
        except Refused as error:
            form.fail(field, error.sentence)
    return form.ok


def standing(shut: Shut) -> tuple[str, str]:
    """A sentence about what is booked in a time that is no longer open, and its kind of flash."""
    if not shut.booked:
        return "Nothing is booked then.", "ok"
    count, them = ("1 appointment is", "it") if shut.booked == 1 else (f"{shut.booked} appointments are", "them")
    return f"{count} already booked in that time: please move {them} by hand.", "warning"


def place_options(db: Session) -> list[tuple[UUID, str]]:
    """The places in use, for a list to choose from."""
    return [(one.id, one.name) for one in queries.places(db) if one.is_active]


def by_id(rows: Sequence[Any]) -> dict[UUID | None, str]:
    """Names to show beside a row that keeps only an id."""
    return {one.id: one.name for one in rows}
