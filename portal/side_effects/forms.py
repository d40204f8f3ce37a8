"""What a client may report, and what a practitioner says when closing it."""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from portal.kit.forms import Form, OptionalWords, Tick
from portal.side_effects.rules import Outcome, ScalpZone, Strength, Symptom, Trend
from portal.side_effects.table import RUNNING


class FlagsAnswer(StrEnum):
    """The one answer to “Right now, do you have any of these?” that goes with the ticks."""

    NONE = "none"
    UNSURE = "unsure"
    SOME = "some"


class Discharge(StrEnum):
    """What comes out of the skin."""

    CLEAR = "clear_or_dry_crust"
    PUS = "pus"
    BAD_SMELL = "bad_smell"
    UNSURE = "unsure"


class Rash(StrEnum):
    """What the rash looks like."""

    FEW_PIMPLES = "pustules_few"
    MANY_PIMPLES = "pustules_many"
    BLISTERS = "blisters_grouped"
    WELTS = "hives_local"
    ELSEWHERE = "rash_beyond_treated_area"
    NONE_OF_THESE = "rash_unclear"
    UNSURE = "unsure"


class Sign(StrEnum):
    """What may come with it."""

    HOT = "hot_skin"
    SPREADING = "spreading"
    FOREHEAD = "eyelid_or_forehead_swelling"
    LUMPS = "lymph_nodes_swollen"
    BLEEDING = "bleeds_again"
    UNSURE = "unsure"


class Product(StrEnum):
    """What was put on the scalp in the last 24 hours, besides water and a gentle shampoo."""

    MINOXIDIL = "used_minoxidil"
    SERUM = "used_serum"
    DYE = "used_dye"
    ANTISEPTIC = "used_antiseptic"
    OTHER = "used_other"


class Late(StrEnum):
    """What may show weeks later."""

    DARKER = "darker"
    LIGHTER = "lighter"
    SCAR = "raised_scar_or_lines"
    BUMPS = "firm_bumps_over_14_days"
    SHEDDING = "shedding"


def _flag(name: str) -> str:
    if name not in RUNNING.flag_ids:
        raise ValueError("Please choose one of the options.")
    return name


def _degrees(value: object) -> object:
    try:
        degrees = float(str(value).strip().replace(",", "."))
    except ValueError:
        degrees = 0.0
    if not COLDEST <= degrees <= HOTTEST:
        raise ValueError("Please give the temperature in °C, for example 38.2.")
    return degrees


EARLIEST_YEAR = 1990
COLDEST, HOTTEST = 33.0, 44.0  # °C a living person's thermometer shows
Temperature = Annotated[float, BeforeValidator(_degrees)]
MOST_NOTE = 4000
_UNSHOWN = re.compile(r"[^\n\t\x20-\x7e\x80-\ud7ff\ue000-\U0010ffff]")


class ReportForm(Form):
    """One report. With a red flag ticked nothing else is asked for, and nothing else can be wrong: what cannot be read
    is left out and named in `unread`. The answer must not wait for a form.

    `all_clear`: nothing to see or feel, as a check-in works it out; nothing else is asked for then, either.
    """

    flags: list[Annotated[str, AfterValidator(_flag)]] = Field(default_factory=list)
    flags_answer: FlagsAnswer | None = None
    signs: list[Sign] = Field(default_factory=list)
    feverish: Tick = False
    temperature: Temperature | None = None
    all_clear: Tick = False
    symptoms: list[Symptom] = Field(default_factory=list)
    redness: Strength | None = None
    swelling: Strength | None = None
    pain: Strength | None = None
    itch: Strength | None = None
    crusting: Strength | None = None
    discharge: list[Discharge] = Field(default_factory=list)
    rash: list[Rash] = Field(default_factory=list)
    late: list[Late] = Field(default_factory=list)
    trend: Trend | None = None
    began: datetime | None = None
    zones: list[ScalpZone] = Field(default_factory=list)
    products: list[Product] = Field(default_factory=list)
    note: OptionalWords = ""
    wants_person: Tick = False
    unread: list[str] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _as_report(cls, given: Any) -> Any:
        """Nobody ticks “all clear”: a kind of report that works it out says so in place of this."""
        return {**given, "all_clear": False} if isinstance(given, dict) else given

    @model_validator(mode="wrap")
    @classmethod
    def _red_flags_are_kept(cls, given: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(given, dict):
            return validate(given)
        known = {**given, "unread": []}
        flags = [flag for flag in given.get("flags", ()) if flag in RUNNING.flag_ids]
        if not flags:
            return validate(known)
        try:
            return validate({**known, "flags": flags})
        except ValidationError as error:
            wrong = [problem["loc"] for problem in error.errors(include_url=False)]
            return validate(_readable({**known, "flags": flags}, wrong))

    @field_validator("flags", "signs", "symptoms", "discharge", "rash", "late", "zones", "products")
    @classmethod
    def _each_once(cls, ticks: list[str]) -> list[str]:
        return list(dict.fromkeys(ticks))

    @field_validator("flags_answer")
    @classmethod
    def _an_honest_answer(cls, answer: FlagsAnswer | None, info: ValidationInfo) -> FlagsAnswer | None:
        """Ticks count whatever else is said; without one there is none, not sure, or a mistake."""
        if not info.data.get("flags", True) and answer in (None, FlagsAnswer.SOME):
            raise ValueError("Please tick what you have, or choose “None of these” or “I am not sure”.")
        return answer

    @field_validator("symptoms")
    @classmethod
    def _something(cls, symptoms: list[Symptom], info: ValidationInfo) -> list[Symptom]:
        told = symptoms or any(info.data.get(name) for name in ("signs", "feverish", "temperature"))
        if _asks(info) and not told:
            raise ValueError("Please tick what you notice; “Something else” is fine.")
        return symptoms

    @field_validator("redness", "swelling", "pain", "itch", "crusting")
    @classmethod
    def _how_strong(cls, strength: Strength | None, info: ValidationInfo) -> Strength | None:
        if _asks(info) and strength is None and info.field_name in info.data.get("symptoms", ()):
            raise ValueError(f"Please say how strong the {info.field_name} is; “Not sure” is fine.")
        return strength

    @field_validator("discharge", "rash")
    @classmethod
    def _what_kind(cls, kinds: list[StrEnum], info: ValidationInfo) -> list[StrEnum]:
        if _asks(info) and not kinds and info.field_name in info.data.get("symptoms", ()):
            raise ValueError("Please tick what fits best; “Not sure” is fine.")
        return kinds

    @field_validator("trend")
    @classmethod
    def _which_way(cls, trend: Trend | None, info: ValidationInfo) -> Trend | None:
        if _asks(info) and trend is None:
            raise ValueError("Please say whether it gets better or worse.")
        return trend

    @field_validator("began")
    @classmethod
    def _on_the_wall(cls, began: datetime | None) -> datetime | None:
        if began and began.year < EARLIEST_YEAR:
            raise ValueError("Please check the year, or leave it empty.")
        return began.replace(tzinfo=None) if began else None

    def began_at(self, zone: str) -> datetime | None:
        """When it began, as an aware time; it was typed as the clock on the clinic's wall."""
        return self.began.replace(tzinfo=ZoneInfo(zone)) if self.began else None

    def without(self, name: str) -> Self:
        """The same report without an answer that cannot be."""
        return self.model_copy(update={name: None, "unread": [*self.unread, name]})

    def answers(self) -> dict[str, Any]:
        """What was ticked and chosen, as it is kept with the report."""
        return self.model_dump(mode="json", exclude={"note", "zones", "symptoms", "began"}, exclude_defaults=True)


def _readable(given: dict[str, Any], wrong: Sequence[tuple[int | str, ...]]) -> dict[str, Any]:
    """Without what is wrong: of many ticks only those, of the words what can be shown, else the whole answer."""
    kept, unread = dict(given), dict.fromkeys(str(place[0]) for place in wrong if place)
    for name in unread:
        at = {place[1] for place in wrong if place[:1] == (name,) and place[1:]}
        if at and isinstance(kept[name], list):
            kept[name] = [value for number, value in enumerate(kept[name]) if number not in at]
        elif name == "note":
            kept[name] = _UNSHOWN.sub("", str(kept[name]).replace("\r\n", "\n")).strip()[:MOST_NOTE]
        else:
            kept.pop(name, None)
    return {**kept, "unread": list(unread)}


def _asks(info: ValidationInfo) -> bool:
    return not (info.data.get("flags") or info.data.get("all_clear"))


class CloseForm(Form):
    """How it ended. The note is for the team."""

    outcome: Outcome
    note: OptionalWords = ""
