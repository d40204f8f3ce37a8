"""One symptom after one treatment session as a drawing: its recovery band, and what was told. Pure, no web.

Times are hours since the session ended; later ones lie closer together (square root), because the first day matters
most. Values are those of the scales (redness and crusts 0–4, swelling 0–3, pain and itch 0–10, pimples counted, fluid
0 to 2); they are drawn by their words, which are equally far from each other. Places are percent of the drawing, from
the left and from the top.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import sqrt
from typing import Final, NamedTuple

from portal.side_effects.bands import ENDLESS, Band, Row

TOP, NONE_AT = 8.0, 90.0
"""Where the strongest word and “none” stand; below it is room, so that a band of nothing is still to be seen."""
SHORTEST: Final = 14 * 24.0
"""Hours a drawing spans at least: until then everything transient should be gone (clinical.md, section 1)."""
TICKS: Final = ((6, "6 h"), (24, "1 d"), (72, "3 d"), (168, "7 d"), (336, "14 d"), (720, "30 d"), (2160, "90 d"))
_APART: Final = 9.0
_TWO_DAYS: Final = 48
_DAY: Final = 24


class Place(StrEnum):
    """Where a told value lies; each has its own mark (● ◆ ▲) and its own words."""

    USUAL = "usual"
    WATCHED = "watched"
    ABOVE = "above"

    @property
    def words(self) -> str:
        return {"usual": "usual", "watched": "more than usual", "above": "above the band"}[self.value]

    @property
    def rank(self) -> int:
        return list(Place).index(self)


class Rung(NamedTuple):
    """A word of a scale and the number it stands for."""

    value: int
    word: str


class Tick(NamedTuple):
    """A place on an axis, in percent, and its words."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Spot:
    """One report in the drawing. `hours` since the session; `place` is None where it is not to be judged."""

    x: float
    y: float
    place: Place | None
    hours: float
    value: int
    word: str

    @property
    def says(self) -> str:
        """“mild after 5 h, usual”."""
        judged = f", {self.place.words}" if self.place else ""
        return f"{self.word} {when(self.hours)}{judged}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table beside the drawing: a stretch of the band in words, and what was told in it."""

    span: str
    usual: str
    highest: str
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A drawing. `usual` and `highest`: the corners of the two staircases, from left to right; `now`: None when it lies
    beyond the right edge, or is not asked for.
    """

    usual: tuple[tuple[float, float], ...]
    highest: tuple[tuple[float, float], ...]
    spots: tuple[Spot, ...]
    rungs: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    now: float | None

    @property
    def latest(self) -> Spot | None:
        return self.spots[-1] if self.spots else None


@dataclass(frozen=True, slots=True)
class _Frame:
    """What turns numbers into places: `hours` at the right edge."""

    rungs: Sequence[Rung]
    hours: float

    def x(self, hours: float) -> float:
        """From the left; before the session counts as its end, beyond the edge as the edge."""
        return round(100 * sqrt(min(max(hours / self.hours, 0.0), 1.0)), 2)

    def y(self, value: float) -> float:
        """From the top; a value between two words lies between them, one beyond the strongest at the strongest."""
        value = min(max(value, self.rungs[0].value), self.rungs[-1].value)
        at = next(at for at, one in enumerate(self.rungs[1:]) if value <= one.value)
        low, high = self.rungs[at].value, self.rungs[at + 1].value
        rank = at + (value - low) / (high - low)
        return round(NONE_AT - (NONE_AT - TOP) * rank / (len(self.rungs) - 1), 2)


def course(
    band: Band,
    points: Iterable[tuple[float, int]],
    rungs: Sequence[Rung],
    now: float | None = None,
    *,
    judged: bool = True,
) -> Course:
    """The drawing of one symptom. `points`: (hours since the session, value) as they were told, in any order; what was
    not told is left out by the caller, and never drawn as “none”. `rungs`: the words of the scale, “none” first. Not
    `judged`: no mark says where its value lies.
    """
    told = sorted(points)
    frame = _Frame(rungs, max([SHORTEST, *(hours for hours, _ in told)]))
    spots = tuple(_spot(band if judged else None, hours, value, frame) for hours, value in told)
    return Course(
        usual=_stairs(band, frame, [row.usual for row in band.rows]),
        highest=_stairs(band, frame, [row.highest for row in band.rows]),
        spots=spots,
        rungs=tuple(Tick(frame.y(rung.value), rung.word) for rung in rungs),
        ticks=_ticks(frame),
        lines=tuple(_lines(band, rungs, spots)),
        now=frame.x(now) if now is not None and 0 <= now <= frame.hours else None,
    )


def place_of(row: Row, value: int) -> Place:
    """Where a value lies in the row of its time."""
    return Place.USUAL if value <= row.usual else Place.WATCHED if value <= row.highest else Place.ABOVE


def word_of(rungs: Sequence[Rung], value: int) -> str:
    """The strongest word that a value reaches: of pain up to 6 the highest that can be told is “mild” (3)."""
    return [rung.word for rung in rungs if rung.value <= value][-1]


def when(hours: float) -> str:
    """“within an hour”, “after 5 h”, “after 3 days”; whole hours, and whole days from two on."""
    if hours < 1:
        return "within an hour"
    return f"after {hours:.0f} h" if hours < _TWO_DAYS else f"after {hours // _DAY:.0f} days"


def _spot(band: Band | None, hours: float, value: int, frame: _Frame) -> Spot:
    place = place_of(band.expected(hours), value) if band else None
    return Spot(frame.x(hours), frame.y(value), place, hours, value, word_of(frame.rungs, value))


def _stairs(band: Band, frame: _Frame, values: Sequence[int]) -> tuple[tuple[float, float], ...]:
    corners: list[tuple[float, float]] = []
    for (start, end), value in zip(_spans(band), values, strict=True):
        corners += [(frame.x(start), frame.y(value)), (frame.x(frame.hours if end == ENDLESS else end), frame.y(value))]
    return tuple(corners)


def _spans(band: Band) -> Iterable[tuple[float, float]]:
    return pairwise([0.0, *(row.until for row in band.rows)])


def _ticks(frame: _Frame) -> tuple[Tick, ...]:
    """From the right edge to the left, none too near to the next."""
    found: list[Tick] = []
    for hours, label in reversed(TICKS):
        at = frame.x(hours)
        if hours <= frame.hours and (not found or found[-1].at - at >= _APART):
            found.append(Tick(at, label))
    return tuple(reversed(found))


def _lines(band: Band, rungs: Sequence[Rung], spots: Sequence[Spot]) -> Iterable[Line]:
    for (start, end), row in zip(_spans(band), band.rows, strict=True):
        inside = tuple(spot for spot in spots if start <= spot.hours and row.covers(spot.hours))
        yield Line(_span(start, end), word_of(rungs, row.usual), word_of(rungs, row.highest), inside)


def _span(start: float, end: float) -> str:
    if end == ENDLESS:
        return f"after {_long(start)}"
    if end < _TWO_DAYS or start % _DAY or end % _DAY:
        return f"{start:g} to {end:g} h"
    return f"{start / _DAY:g} to {end / _DAY:g} days"


def _long(hours: float) -> str:
    return f"{hours:g} h" if hours < _TWO_DAYS or hours % _DAY else f"{hours / _DAY:g} days"
