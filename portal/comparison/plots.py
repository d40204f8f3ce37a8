"""From numbers to places in a drawing: pure, no web. Places are percent of the drawing's width and height.

Text and marks keep their size at any width because nothing is scaled: only places are given in percent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil, floor, log10
from statistics import fmean
from typing import Final
from uuid import UUID

from portal.comparison.change import Index
from portal.comparison.queries import Change, Point

LEFT, RIGHT = 4.0, 96.0
TOP, BOTTOM = 6.0, 84.0
LANE = 94.0
"""Where photos without a figure stand, below the scale."""
_BANDS_HIGH: Final = 3.2
"""A drawing is at least so many bands high, so that a change inside the noise looks as small as it is."""
_AIR: Final = 0.12
_RUNGS: Final = 5
_YEAR: Final = 300
_ODD: Final = timedelta(days=2)


class Mark(StrEnum):
    """How a photo is drawn; each has its own shape, none needs colour."""

    FIRST = "first"
    COUNTED = "counted"
    EXCLUDED = "excluded"
    HOLLOW = "hollow"


@dataclass(frozen=True, slots=True)
class Spot:
    """One photo in the drawing."""

    x: float
    y: float
    mark: Mark
    point: Point


@dataclass(frozen=True, slots=True)
class Line:
    """From one counted photo to the next."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and its words."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing of one index. The band runs from `band_top` for `band_height`, around the first day's figure."""

    spots: list[Spot]
    lines: list[Line]
    band_top: float
    band_height: float
    centre: float
    rungs: list[Tick]
    days: list[Tick]
    sessions: list[float]


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    def y(self, value: float) -> float:
        return _rounded(BOTTOM - (BOTTOM - TOP) * (value - self.low) / (self.high - self.low))


@dataclass(frozen=True, slots=True)
class _Days:
    first: date
    last: date

    def x(self, on: date) -> float:
        span = (self.last - self.first).days
        return _rounded(LEFT + (RIGHT - LEFT) * (on - self.first).days / span) if span else 50.0


def plot(change: Change, sessions: Sequence[date], baseline_id: UUID | None = None) -> Plot | None:
    """The drawing of an index; None where nothing was measured, for a band needs a figure to lie around."""
    first = _first_day(change.points)
    if first is None:
        return None
    scale = _scale(change, first)
    days = _Days(change.points[0].on, change.points[-1].on)
    spots = [_spot(point, scale, days, baseline_id) for point in change.points]
    top, bottom = scale.y(first + change.band), scale.y(first - change.band)
    return Plot(
        spots,
        _lines(spots),
        top,
        _rounded(bottom - top),
        scale.y(first),
        _rungs(scale, change.index),
        _ticks(days),
        [days.x(on) for on in sessions if days.first <= on <= days.last],
    )


def figure(index: Index, value: float) -> str:
    """A figure as it is written: “42.1 %”, “−3.0”."""
    text = f"{value:.1f}".replace("-", "−")
    return f"{text} %" if index is Index.COVERAGE else text


def _counts(point: Point) -> bool:
    return point.value is not None and point.comparable and not point.excluded_reason


def _first_day(points: Sequence[Point]) -> float | None:
    """The mean of what was measured on the first day; the band lies around it."""
    counted = [point for point in points if _counts(point)]
    values = [point.value for point in counted if point.on == counted[0].on and point.value is not None]
    return fmean(values) if values else None


def _scale(change: Change, first: float) -> _Scale:
    values = [point.value for point in change.points if point.value is not None and point.comparable]
    low = min([*values, first - change.band * _BANDS_HIGH / 2])
    high = max([*values, first + change.band * _BANDS_HIGH / 2])
    air = (high - low) * _AIR or 1.0
    low, high = low - air, high + air
    if change.index is Index.COVERAGE:
        low, high = max(low, 0.0), min(high, 100.0)
    return _Scale(low, high)


def _spot(point: Point, scale: _Scale, days: _Days, baseline_id: UUID | None) -> Spot:
    x = days.x(point.on)
    if point.value is None or not point.comparable:
        return Spot(x, LANE, Mark.HOLLOW, point)
    mark = Mark.EXCLUDED if point.excluded_reason else Mark.FIRST if point.photo_id == baseline_id else Mark.COUNTED
    return Spot(x, scale.y(point.value), mark, point)


def _lines(spots: Sequence[Spot]) -> list[Line]:
    counted = [spot for spot in spots if spot.mark in {Mark.FIRST, Mark.COUNTED}]
    return [Line(one.x, one.y, other.x, other.y) for one, other in pairwise(counted)]


def _rungs(scale: _Scale, index: Index) -> list[Tick]:
    step = _step((scale.high - scale.low) / _RUNGS)
    values = (n * step for n in range(ceil(scale.low / step), floor(scale.high / step) + 1))
    unit = " %" if index is Index.COVERAGE else ""
    return [Tick(scale.y(value), f"{value:g}".replace("-", "−") + unit) for value in values]


def _step(rough: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 times a power of ten."""
    power = 10.0 ** floor(log10(rough))
    return float(next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= rough))


def _ticks(days: _Days) -> list[Tick]:
    span = days.last - days.first
    chosen = [days.first] if span < _ODD else [days.first, days.first + span / 2, days.last]
    return [Tick(days.x(on), _named(on, long=span.days > _YEAR)) for on in chosen]


def _named(on: date, *, long: bool) -> str:
    return f"{on:%b %Y}" if long else f"{on.day} {on:%b}"


def _rounded(value: float) -> float:
    return round(value, 2)
