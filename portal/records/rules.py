"""What a treatment record must say, and must not, before it is signed. Pure.

Each function gives {field: sentence}; nothing wrong gives an empty dict. Field names are those of the form.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MOST_PASSES = 20


class Endpoint(StrEnum):
    """The visible reaction at which the practitioner stopped (docs/clinical-rules.md, low confidence)."""

    NONE = "none"
    MILD_REDNESS = "mild_redness"
    PIN_POINT_BLEEDING = "pin_point_bleeding"

    @property
    def label(self) -> str:
        return {"none": "No visible reaction", "mild_redness": "Mild redness"}.get(self, "Pin-point bleeding")


@dataclass(frozen=True, slots=True)
class Dose:
    """What one zone got: depth in mm, passes counted."""

    zone: str
    depth_mm: float | None
    passes: int | None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the verdict in force on the day of the treatment allows; `zones` by key."""

    zones: Sequence[str]
    max_depth_mm: float


def dose_problems(doses: Iterable[Dose], allowed: Allowed | None) -> dict[str, str]:
    """Depth and passes belong together, inside the verdict's zones and depth."""
    found: dict[str, str] = {}
    for dose in doses:
        if dose.depth_mm is None:
            found[f"depth_{dose.zone}"] = "Please give the depth, or clear the passes."
        elif dose.passes is None:
            found[f"passes_{dose.zone}"] = "Please give the passes, or clear the depth."
        if problem := _beyond(dose, allowed):
            found[f"depth_{dose.zone}"] = problem
    return found


def cartridge_problems(expiry: date | None, used_on: date) -> dict[str, str]:
    """A cartridge may be used up to and on the day it expires."""
    if expiry is None or expiry >= used_on:
        return {}
    return {"cartridge_expiry": "This cartridge had expired on the day of the treatment. It must not be used."}


def missing(given: dict[str, object]) -> dict[str, str]:
    """What a signature asks for: device, cartridge lot and expiry, endpoint, one zone at least, aftercare given."""
    asked = {
        "device": "Please name the device.",
        "cartridge_lot": "Please give the lot on the cartridge.",
        "cartridge_expiry": "Please give the date on the cartridge.",
        "endpoint": "Please choose what you saw.",
        "zones": "Please fill in at least one zone.",
        "aftercare_given": "Please go through the aftercare with the client, then tick this.",
    }
    return {name: sentence for name, sentence in asked.items() if not given.get(name)}


def _beyond(dose: Dose, allowed: Allowed | None) -> str | None:
    if allowed is None:
        return "No valid verdict covers this treatment."
    if dose.zone not in allowed.zones:
        return "The verdict does not cover this zone."
    if dose.depth_mm is not None and dose.depth_mm > allowed.max_depth_mm:
        return f"The verdict allows up to {allowed.max_depth_mm:g} mm."
    return None
