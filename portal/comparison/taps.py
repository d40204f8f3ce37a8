"""Tapping three points step by step, so that it works without a script. Pure. Points are shares of width and height."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import hypot, isfinite
from typing import Final

Point = tuple[float, float]
WANTED: Final = 3
SHOWN_WIDTH: Final = 320
"""How wide a picture is shown where no script measures it; `<input type=image>` answers in these pixels."""
_NEAR: Final = 0.06
_FLAT: Final = 0.02


@dataclass(frozen=True, slots=True)
class Tapped:
    """What was tapped so far on the baseline and on the photo; `of_baseline`: whether the baseline is asked at all."""

    baseline: tuple[Point, ...] = ()
    photo: tuple[Point, ...] = ()
    of_baseline: bool = True

    @property
    def turn(self) -> str:
        """Which picture is next: “baseline”, “photo”, or “” when all is tapped."""
        if self.of_baseline and len(self.baseline) < WANTED:
            return "baseline"
        return "photo" if len(self.photo) < WANTED else ""

    @property
    def number(self) -> int:
        """The number of the next point, from 1."""
        return len(self.baseline if self.turn == "baseline" else self.photo) + 1

    def plus(self, point: Point | None) -> "Tapped":
        """The same with one more point on the picture whose turn it is."""
        if point is None or not self.turn:
            return self
        if self.turn == "baseline":
            return Tapped((*self.baseline, point), self.photo, self.of_baseline)
        return Tapped(self.baseline, (*self.photo, point), self.of_baseline)

    @property
    def less(self) -> "Tapped":
        """The same without the last point."""
        if self.photo:
            return Tapped(self.baseline, self.photo[:-1], self.of_baseline)
        return Tapped(self.baseline[:-1], self.photo, self.of_baseline)


def written(point: Point) -> str:
    """A point as it stands in a form: “0.2510,0.4031”."""
    return f"{point[0]:.4f},{point[1]:.4f}"


def read(text: str) -> Point | None:
    """The point of such a text; None for anything else, and for what lies outside the picture."""
    across, comma, down = text.partition(",")
    try:
        point = float(across), float(down)
    except ValueError:
        return None
    return point if comma and _inside(point) else None


def read_all(texts: Sequence[str]) -> tuple[Point, ...]:
    """At most three points; what is none is left out."""
    return tuple(point for point in map(read, texts) if point is not None)[:WANTED]


def tapped(
    pixels: tuple[float | None, float | None], typed: tuple[float | None, float | None], aspect: float
) -> Point | None:
    """The point of one step: pixels of a picture SHOWN_WIDTH wide (`aspect`: its height by width), or percent typed.

    A picture pressed by keyboard answers 0, 0: that is no point.
    """
    x, y = pixels
    if x and y:
        point = x / SHOWN_WIDTH, y / (SHOWN_WIDTH * aspect)
    elif typed[0] is not None and typed[1] is not None:
        point = typed[0] / 100, typed[1] / 100
    else:
        return None
    return point if _inside(point) else None


def problem(points: Sequence[Point]) -> str | None:
    """Why three points will not do, as a sentence: too few, too near, or all on one line."""
    if len(points) < WANTED:
        return "Please tap three points."
    if min(hypot(b[0] - a[0], b[1] - a[1]) for a, b in combinations(points, 2)) < _NEAR:
        return "Two of the points are almost the same. Please tap three that lie further apart."
    if _area(points[0], points[1], points[2]) < _FLAT:
        return "The three points lie almost on one line. Please tap one that lies beside it."
    return None


def _area(a: Point, b: Point, c: Point) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def _inside(point: Point) -> bool:
    return all(isfinite(share) and 0 <= share <= 1 for share in point)
