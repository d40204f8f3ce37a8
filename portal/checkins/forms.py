"""A check-in as it is answered: a report that asks for less. And what a practitioner or an admin may say about one."""

from datetime import time
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from portal.checkins.models import CheckInPolicy
from portal.checkins.rules import Did
from portal.kit.forms import Form, OptionalWords
from portal.side_effects.conditions import SCALES
from portal.side_effects.forms import ReportForm
from portal.side_effects.rules import Symptom

NONE = "none"
KINDS = ("discharge", "rash", "other")  # symptoms that are not asked how strong they are
CONTRADICTION = "You chose “nothing”, and below there is something. Please choose “something”, or set it back to none."
_OF = {"discharge": Symptom.DISCHARGE, "rash": Symptom.RASH, "late": Symptom.OTHER}  # ticks that say what kind
_OWN = frozenset({"asked", "feeling", *(f"{one}_now" for one in KINDS)})


class Feeling(StrEnum):
    """The answer to “Is there anything to see or feel?”."""

    NOTHING = "nothing"
    SOMETHING = "something"


class Now(StrEnum):
    """What has become of something that is not asked how strong it is."""

    GONE = "gone"
    THERE = "there"


class CheckInForm(ReportForm):
    """The answer to a check-in. `asked`: symptoms of the former report, asked by name, that have to be answered; each
    scale may also be none. The symptoms of the report follow from that.
    """

    asked: list[Symptom] = Field(default_factory=list)
    discharge_now: Now | None = None
    rash_now: Now | None = None
    other_now: Now | None = None
    feeling: Feeling | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_report(cls, given: Any) -> Any:
        """Scales above none become symptoms; one that was asked by name and left out, too, so that it is asked for."""
        if not isinstance(given, dict):
            return given
        asked = () if given.get("flags") else given.get("asked", ())
        named = [name for name in SCALES if given.get(name, NONE if name not in asked else "") != NONE]
        there = [name for name in KINDS if given.get(f"{name}_now") == Now.THERE]
        symptoms = list(dict.fromkeys([*named, *there, *given.get("symptoms", ())]))
        kept = {name: value for name, value in given.items() if name not in SCALES or value != NONE}
        told = (symptoms, given.get("flags"), given.get("feeling") == Feeling.SOMETHING)
        return kept | {"symptoms": symptoms, "all_clear": not any(told)}

    @field_validator("discharge_now", "rash_now", "other_now")
    @classmethod
    def _what_became(cls, now: Now | None, info: ValidationInfo) -> Now | None:
        name = str(info.field_name).removesuffix("_now")
        if now is None and name in info.data.get("asked", ()) and not info.data.get("flags"):
            raise ValueError("Please say whether it is still there.")
        return now

    @field_validator("feeling")
    @classmethod
    def _agrees(cls, feeling: Feeling | None, info: ValidationInfo) -> Feeling | None:
        if info.data.get("flags"):
            return feeling
        if feeling is None:
            raise ValueError("Please choose one of the two.")
        if feeling is Feeling.NOTHING and _is_more(info.data):
            raise ValueError(CONTRADICTION)
        return feeling

    def answers(self) -> dict[str, Any]:
        """As it is kept with the report: no word of how it was asked."""
        return {name: value for name, value in super().answers().items() if name not in _OWN}


def _is_more(told: dict[str, Any]) -> bool:
    """Whether there is anything that was not asked by name, or that belongs to something that has gone."""
    named = set(told.get("symptoms", ()))
    of_nothing = [name for name, of in _OF.items() if told.get(name) and of not in named]
    unasked = named - set(told.get("asked", ()))
    return bool(unasked or of_nothing) or any(told.get(name) for name in ("signs", "feverish", "temperature"))


class SettleForm(Form):
    """What was done about a question that nobody answered."""

    did: Did
    note: OptionalWords = ""

    @field_validator("note")
    @classmethod
    def _why_nothing(cls, note: str, info: ValidationInfo) -> str:
        if not note and info.data.get("did") is Did.NOTHING:
            raise ValueError("Please say why nothing is needed.")
        return note


def _wall(value: time) -> time:
    if value.tzinfo or value.second or value.microsecond:
        raise ValueError("Please give a time, for example 21:00.")
    return value


WallTime = Annotated[time, AfterValidator(_wall)]


class PolicyForm(Form):
    """The limits as edited."""

    quiet_from: WallTime
    quiet_until: WallTime
    missed_after_hours: Annotated[int, Field(ge=1, le=168)]
    answer_hours: Annotated[int, Field(ge=1, le=48)]
    follow_up_hours: Annotated[int, Field(ge=4, le=24)]  # clients are told “tomorrow”


def as_typed(policy: CheckInPolicy) -> dict[str, object]:
    """The limits as their form shows them for the first time."""
    walls = {"quiet_from": f"{policy.quiet_from:%H:%M}", "quiet_until": f"{policy.quiet_until:%H:%M}"}
    return policy.model_dump() | walls
