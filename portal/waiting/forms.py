"""What somebody who waits may wish for."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from portal.availability.forms import Day
from portal.kit import clock
from portal.kit.forms import Form
from portal.waiting.rules import CELLS


def _cell(text: str) -> str:
    if text not in CELLS:
        raise ValueError("Please tick parts of the week in the table.")
    return text


Cell = Annotated[str, AfterValidator(_cell)]


class WaitForm(Form):
    """For which treatment, when, with whom. Nothing ticked: anything suits. `swap`: what would be given back for it."""

    treatment: Annotated[str, StringConstraints(max_length=60)]
    cells: Annotated[list[Cell], Field(default_factory=list, max_length=len(CELLS))]
    practitioners: Annotated[list[UUID], Field(default_factory=list, max_length=50)]
    not_before: Day | None = None
    not_after: Day | None = None
    swap: UUID | None = None

    @field_validator("not_after")
    @classmethod
    def _ahead(cls, last: date | None, info: ValidationInfo) -> date | None:
        first, yesterday = info.data.get("not_before"), clock.now().date() - timedelta(days=1)
        if last and last < yesterday:
            raise ValueError("This day is over already.")
        if first and last and last < first:
            raise ValueError("The last day must not be before the first day.")
        return last
