"""What a verdict may cover and for how long: the zones of the scalp, the depth of the needles, the last day. Pure."""

from calendar import monthrange
from datetime import date
from enum import StrEnum

VALID_MONTHS, MOST_VALID_MONTHS = 6, 24
SHALLOWEST_MM, DEEPEST_MM = 0.25, 2.5  # 22 studies used 0.5 to 2.5 mm (PMC8776974); 0.25 mm is the finest cartridge


class Zone(StrEnum):
    """The parts of the scalp that a verdict covers and a record names."""

    FRONTAL = "frontal"
    MID = "mid"
    VERTEX = "vertex"
    LEFT_TEMPLE = "left_temple"
    RIGHT_TEMPLE = "right_temple"
    BACK = "back"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Zone.FRONTAL: "Front",
    Zone.MID: "Middle",
    Zone.VERTEX: "Crown",
    Zone.LEFT_TEMPLE: "Left temple",
    Zone.RIGHT_TEMPLE: "Right temple",
    Zone.BACK: "Back",
}


def months_later(day: date, months: int) -> date:
    """The same day so many months on; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def validity_problem(valid_until: date, today: date) -> str | None:
    """What is wrong with the last day of a verdict, as a sentence; None when nothing is."""
    if valid_until <= today:
        return "Please choose a day in the future."
    if valid_until > months_later(today, MOST_VALID_MONTHS):
        return f"A verdict is valid for at most {MOST_VALID_MONTHS} months. Please choose an earlier day."
    return None
