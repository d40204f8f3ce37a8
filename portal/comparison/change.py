"""Change that knows its own noise: what may be said of two measured figures, and how far two photos of one day differ.

Pure. The constants were measured on synthetic photos (docs/measurement.md) and are labelled as such on every page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import sqrt
from statistics import fmean
from typing import Final

TYPICAL_WEIGHT: Final = 8
"""The typical figure counts like so many repeats of the client's own (degrees of freedom)."""
CONFIDENCE: Final = 1.96
EARLIEST_MONTH, LATEST_MONTH = 3, 6
"""When a change may be seen at all: trials read out at 12 and 24 weeks (clinical.md section 1)."""
DAYS_A_MONTH: Final = 30.4


FIRST_DAY: Final = "This is the first day. A later photo is needed to see a change."
NOT_COMPARABLE: Final = "None of the later photos can be compared with the first day yet."


class Index(StrEnum):
    """What is measured on a photo series."""

    COVERAGE = "coverage"
    REDNESS = "redness"


@dataclass(frozen=True, slots=True)
class IndexGuide:
    """An index in words. `typical`: the standard deviation of one photo, re-combed, in matched light."""

    title: str
    unit: str
    typical: float
    more: str
    less: str


GUIDES: Final = {
    Index.COVERAGE: IndexGuide(
        "Share of the view that hair covers",
        "percentage points",
        2.53,
        "More of this view is covered by hair than before",
        "Less of this view is covered by hair than before",
    ),
    Index.REDNESS: IndexGuide(
        "Redness against untreated skin",
        "units",
        1.2,
        "The treated skin is redder than before, against the untreated skin beside it",
        "The treated skin is less red than before, against the untreated skin beside it",
    ),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One comparable figure: the day and the value."""

    on: date
    value: float


@dataclass(frozen=True, slots=True)
class Noise:
    """How far two photos of one day differ: the standard deviation of one, and how many own repeats it rests on."""

    deviation: float
    repeats: int

    def band(self, takes_before: int = 1, takes_after: int = 1) -> float:
        """The smallest difference between two days that 95 of 100 pairs without any change do not reach."""
        return CONFIDENCE * self.deviation * sqrt(1 / max(takes_before, 1) + 1 / max(takes_after, 1))


def noise(days: Sequence[Sequence[float]], typical: float) -> Noise:
    """The noise of one client's photos from figures of the same day and view; the typical figure fills in for few.

    Each inner sequence holds the takes of one view on one day. Variances are pooled; the typical one weighs like
    TYPICAL_WEIGHT repeats, so that two lucky takes do not promise a precision nobody has.
    """
    spread = sum(sum((value - fmean(day)) ** 2 for value in day) for day in days if len(day) > 1)
    repeats = sum(len(day) - 1 for day in days if len(day) > 1)
    variance = (TYPICAL_WEIGHT * typical**2 + spread) / (TYPICAL_WEIGHT + repeats)
    return Noise(sqrt(variance), repeats)


@dataclass(frozen=True, slots=True)
class Said:
    """What may be said: the difference from the first day, its band, whether it is beyond it, and the sentence."""

    difference: float | None
    band: float
    beyond: bool
    sentence: str


def said(index: Index, points: Sequence[Measured], found: Noise, *, more: bool = False) -> Said:
    """What may be said of a series, oldest first, that holds only comparable figures. `more`: there are later photos
    that cannot be compared or measured.
    """
    guide = GUIDES[index]
    if not points:
        return Said(None, found.band(), beyond=False, sentence="Nothing could be measured on these photos yet.")
    first, last = points[0].on, points[-1].on
    before, after = ([point.value for point in points if point.on == day] for day in (first, last))
    band = found.band(len(before), len(after))
    if first == last:
        return Said(None, band, beyond=False, sentence=NOT_COMPARABLE if more else FIRST_DAY)
    difference = fmean(after) - fmean(before)
    if abs(difference) <= band:
        return Said(difference, band, beyond=False, sentence=f"No detectable change yet.{_when(first, last)}")
    way = guide.more if difference > 0 else guide.less
    size = f"by about {abs(difference):.1f} {guide.unit}, give or take {band:.1f}"
    return Said(
        difference, band, beyond=True, sentence=f"{way}, beyond what two photos of the same day differ by: {size}."
    )


def _when(first: date, last: date) -> str:
    months = (last - first).days / DAYS_A_MONTH
    if months < LATEST_MONTH:
        return f" None is expected before month {EARLIEST_MONTH} to {LATEST_MONTH}."
    return " Talk about it with your practitioner at the next visit."
