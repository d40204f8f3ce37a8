"""Matrices that lay one picture over another. Pure Python: the web process imports this, without NumPy.

A `Matrix` is nine numbers, row by row. Coordinates are in units of a picture's own width: x / width, y / width, so that
the frame of a picture runs from (0, 0) to (1, aspect), where `aspect` is its height divided by its width.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, isfinite, pi, sin, sqrt
from typing import Final

from portal.imaging.measured import Ellipse, Matrix, Point

IDENTITY: Final[Matrix] = (1, 0, 0, 0, 1, 0, 0, 0, 1)

# Beyond these no two photos of one view lie; the limits were tried in clinical.md 7.1.
SHORTEST, LONGEST, MOST_KEYSTONE, MOST_TURN = 0.5, 2.0, 1.6, 40.0

_RINGS, _SPOKES = 12, 48
_NOTHING: Final = 1e-12
_HALF_TURN: Final = 180


@dataclass(frozen=True, slots=True)
class Shape:
    """What a matrix does to a picture's frame.

    `scale`: by how much it grows, the root of its area's ratio; above 1, the photo was taken from further away.
    `turn`: clockwise as seen, in degrees from -180 to 180. `keystone`: the larger ratio of two opposite sides, 1 or
    more. `sides`: top, right, bottom, left, each divided by its length before.
    """

    scale: float
    turn: float
    keystone: float
    sides: tuple[float, float, float, float]


def compose(after: Matrix, before: Matrix) -> Matrix:
    """The matrix that does `before`, then `after`."""
    return _scaled(
        [
            sum(after[3 * row + step] * before[3 * step + column] for step in range(3))
            for row in range(3)
            for column in range(3)
        ]
    )


def inverted(matrix: Matrix) -> Matrix:
    """The way back. Raises ValueError for a matrix that flattens the picture."""
    a, b, c, d, e, f, g, h, i = matrix
    if abs(_determinant(matrix)) < _NOTHING:
        raise ValueError("This matrix has no way back.")
    return _scaled(
        [
            e * i - f * h,
            c * h - b * i,
            b * f - c * e,
            f * g - d * i,
            a * i - c * g,
            c * d - a * f,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ]
    )


def apply(matrix: Matrix, point: Point) -> Point:
    """Where a point comes to lie. Raises ValueError for a point that goes to infinity or behind the camera."""
    a, b, c, d, e, f, g, h, i = matrix
    x, y = point
    w = g * x + h * y + i
    if w < _NOTHING:
        raise ValueError("This point has no picture.")
    return (a * x + b * y + c) / w, (d * x + e * y + f) / w


def shape(matrix: Matrix, aspect: float) -> Shape:
    """What the matrix does to a frame of this aspect. Raises ValueError for a frame that does not stay one."""
    corners = frame(matrix, aspect)
    edges = [
        (end[0] - start[0], end[1] - start[1]) for start, end in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    top, right, bottom, left = (
        hypot(*edge) / before for edge, before in zip(edges, (1, aspect, 1, aspect), strict=True)
    )
    if min(top, right, bottom, left) < _NOTHING:
        raise ValueError("This matrix flattens the picture.")
    along = (edges[0][0] - edges[2][0], edges[0][1] - edges[2][1])
    keystone = max(top / bottom, bottom / top, left / right, right / left)
    return Shape(
        sqrt(abs(_area(corners)) / aspect), degrees(atan2(along[1], along[0])), keystone, (top, right, bottom, left)
    )


def plausible(matrix: Matrix, aspect: float) -> bool:
    """Whether two photos of one view may lie so: sides 0.5 to 2 times as long, keystone at most 1.6, turned by at most
    40 degrees, not mirrored and not folded.
    """
    if not all(isfinite(number) for number in matrix):
        return False
    try:
        found, corners = shape(matrix, aspect), frame(matrix, aspect)
    except ValueError:
        return False
    return (
        _is_convex(corners)
        and all(SHORTEST <= side <= LONGEST for side in found.sides)
        and found.keystone <= MOST_KEYSTONE
        and abs(found.turn) <= MOST_TURN
    )


def overlap(matrix: Matrix, region: Ellipse, aspects: tuple[float, float]) -> float:
    """The share, 0 to 1, of the baseline's region that the photo covers. `aspects`: the photo's, the baseline's."""
    photo, baseline = aspects
    back = inverted(matrix)
    inside = [_covers(back, (x, y * baseline), photo) for x, y in _spots(region)]
    return sum(inside) / len(inside)


def frame(matrix: Matrix, aspect: float) -> list[Point]:
    """Where the four corners come to lie: top left, top right, bottom right, bottom left. Raises ValueError."""
    return [apply(matrix, corner) for corner in ((0.0, 0.0), (1.0, 0.0), (1.0, aspect), (0.0, aspect))]


def _covers(back: Matrix, point: Point, aspect: float) -> bool:
    try:
        x, y = apply(back, point)
    except ValueError:
        return False
    return -_NOTHING <= x <= 1 + _NOTHING and -_NOTHING <= y <= aspect + _NOTHING


def _spots(region: Ellipse) -> Iterator[Point]:
    """Points that stand for equal areas of the region."""
    for ring in range(_RINGS):
        reach = sqrt((ring + 0.5) / _RINGS)
        for spoke in range(_SPOKES):
            angle = 2 * pi * (spoke + ring / 2) / _SPOKES
            yield region.x + region.across * reach * cos(angle), region.y + region.down * reach * sin(angle)


def _is_convex(corners: list[Point]) -> bool:
    """Whether the corners still go round clockwise (y points down), each with a turn to the same side."""
    turns = zip(corners, corners[1:] + corners[:1], corners[2:] + corners[:2], strict=True)
    return all((b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]) > _NOTHING for a, b, c in turns)


def _area(corners: list[Point]) -> float:
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def _determinant(matrix: Matrix) -> float:
    a, b, c, d, e, f, g, h, i = matrix
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def _scaled(numbers: list[float]) -> Matrix:
    """The same matrix with 1 as its last number. Raises ValueError where that cannot be."""
    if abs(numbers[8]) < _NOTHING:
        raise ValueError("This matrix takes the corner to infinity.")
    a, b, c, d, e, f, g, h, _ = (number / numbers[8] for number in numbers)
    return a, b, c, d, e, f, g, h, 1.0
