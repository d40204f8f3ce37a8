"""What the next question asks by name: only what the former report had."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.checkins.forms import KINDS
from portal.checkins.rules import day_in_words
from portal.side_effects.conditions import SCALES
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Strength, Symptom

_NAMES = {
    Symptom.REDNESS: "Redness",
    Symptom.SWELLING: "Swelling",
    Symptom.PAIN: "Pain",
    Symptom.ITCH: "Itch",
    Symptom.CRUSTING: "Crusting",
    Symptom.DISCHARGE: "fluid or pus",
    Symptom.RASH: "pimples, welts or a rash",
    Symptom.OTHER: "something else",
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One symptom asked by name, with what was said of it."""

    symptom: Symptom
    says: str

    @property
    def is_scale(self) -> bool:
        return self.symptom in SCALES


def prompts(former: SideEffectReport | None, at: datetime, zone: ZoneInfo) -> list[Prompt]:
    """In the order of the form; nothing when the former report named nothing, or there was none."""
    if former is None:
        return []
    when, known = day_in_words(former.reported_at, at, zone), set(former.symptoms)
    scales = [Prompt(Symptom(name), _strong(Symptom(name), former, when)) for name in SCALES if name in known]
    kinds = (Symptom(name) for name in KINDS if name in known)
    return [*scales, *(Prompt(one, f"You told us of {_NAMES[one]} {when}. Is it still there?") for one in kinds)]


def _strong(symptom: Symptom, former: SideEffectReport, when: str) -> str:
    strength = former.answers.get(symptom)
    if strength in (None, Strength.UNSURE):  # None: a red flag came with it, and nothing else had to be said
        return f"You named {_NAMES[symptom].lower()} {when}. How is it now?"
    return f"{_NAMES[symptom]} was {strength} {when}. How is it now?"
