"""What an admin may say about a treatment."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from portal.kit.forms import Form, Line, OptionalWords, Tick
from portal.treatments import rules
from portal.treatments.rules import Kind

Price = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2)]
Buffer = Annotated[int, Field(ge=0, le=rules.LONGEST_BUFFER)]
_TYPED_HOURS = re.compile(r"\d{1,6}(?:[,;\s]+\d{1,6})*")


def typed_hours(hours: Iterable[int]) -> str:
    """Hours as an admin types them: “6, 24, 72”."""
    return ", ".join(map(str, hours))


def _as_typed(hours: object) -> object:
    return typed_hours(hours) if isinstance(hours, list | tuple) else hours


def _numbers(text: str) -> list[int]:
    return sorted({int(one) for one in re.findall(r"\d+", text)})


Hours = Annotated[str, BeforeValidator(_as_typed), StringConstraints(max_length=120)]


class TreatmentForm(Form):
    """A treatment as edited; `price` in the clinic's currency, nothing = by agreement, 0 = free. A `deposit` is named,
    never taken here.
    """

    name: Line
    summary: Annotated[Line, StringConstraints(max_length=200)]
    description: OptionalWords = ""
    kind: Kind
    minutes: Annotated[int, Field(ge=rules.SHORTEST_MINUTES, le=rules.LONGEST_MINUTES)]
    buffer_before: Buffer = 0
    buffer_after: Buffer = 0
    interval_days: Annotated[int, Field(ge=0, le=rules.LONGEST_INTERVAL_DAYS)] = 0
    sessions_suggested: Annotated[int, Field(ge=1, le=rules.MOST_IN_A_COURSE)] = 1
    cooling_off_days: Annotated[int, Field(ge=0, le=rules.LONGEST_COOLING_OFF_DAYS)] = 0
    check_in_hours: Hours = typed_hours(rules.CHECK_IN_HOURS)
    needs_room: Tick = False
    needs_device: Tick = False
    price: Price | None = None
    deposit: Price | None = None
    order: Annotated[int, Field(ge=0, le=999)] = 0
    is_active: Tick = False

    @field_validator("interval_days")
    @classmethod
    def _scalp_rests(cls, days: int, info: ValidationInfo) -> int:
        kind = info.data.get("kind")
        if kind and (problem := rules.interval_problem(kind, days)):
            raise ValueError(problem)
        return days

    @field_validator("check_in_hours")
    @classmethod
    def _askable(cls, text: str, info: ValidationInfo) -> str:
        kind = info.data.get("kind")
        if kind is not Kind.SESSION:
            return ""
        if not _TYPED_HOURS.fullmatch(text):
            raise ValueError("Please give hours with commas between them, for example 6, 24, 72.")
        if problem := rules.check_ins_problem(kind, _numbers(text)):
            raise ValueError(problem)
        return typed_hours(_numbers(text))

    @field_validator("deposit")
    @classmethod
    def _part_of_the_price(cls, deposit: Decimal | None, info: ValidationInfo) -> Decimal | None:
        price = info.data.get("price")
        if deposit and price is not None and deposit > price:
            raise ValueError("The deposit cannot be more than the price.")
        return deposit

    @property
    def check_ins(self) -> list[int]:
        """Hours after a session, in order; none after a consultation."""
        return _numbers(self.check_in_hours)

    @property
    def price_cents(self) -> int | None:
        return None if self.price is None else int(self.price * 100)

    @property
    def deposit_cents(self) -> int | None:
        return int(self.deposit * 100) if self.deposit else None
