"""Lay a photo over its baseline by what both show, or find that it cannot be done.

The head decides, not the room: points on the head are fitted first, and the rest only joins in where it agrees. A wall
can be found again although the head in front of it has moved and its hair was re-combed; such a fit has no support on
the head and is not believed.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from portal.imaging import geometry
from portal.imaging.measured import Ellipse, Matrix
from portal.imaging.pictures import Mask, Numbers, as_matrix

FEWEST: Final = 16
FEWEST_ON_HEAD: Final = 8
LEAST_SHARE: Final = 0.3  # of the pairs on the head
UNSURE: Final = 0.005  # of the width: the most the fit may be in doubt, one standard deviation, at the region's edge

_UNIT: Final = 1000  # MAGSAC's threshold means pixels: points go in as pixels of a picture this wide
_TOLERANCE: Final = 2.5 / _UNIT
_EXACT: Final = 0.5 / _UNIT  # no inlier is surer than this
_TRIES: Final = 10_000
_SURE: Final = 0.9999
_SPOKES: Final = 12
_POLISH: Final = 2
_NOTHING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Pairs:
    """Points of the photo and the same spots of the baseline, row by row, in units of each one's width."""

    photo: Numbers
    baseline: Numbers

    def only(self, which: Mask) -> "Pairs":
        return Pairs(self.photo[which], self.baseline[which])

    def __len__(self) -> int:
        return len(self.photo)


@dataclass(frozen=True, slots=True)
class Laid:
    """A fit before it is believed; `agree`: which pairs it brings together."""

    matrix: Matrix
    agree: Mask
    residual: float

    @property
    def inliers(self) -> int:
        return int(self.agree.sum())


def lay(pairs: Pairs, on_head: Mask, region: Ellipse, aspects: tuple[float, float]) -> Laid | None:
    """The fit that is believed, or None. `on_head`: which pairs lie on the head in the baseline. `aspects`: the photo's
    and the baseline's.
    """
    for part in (on_head, np.ones(len(pairs), np.bool_)):
        laid = _fitted(pairs, part)
        if laid and _believed(laid, pairs, on_head, region, aspects):
            return laid
    return None


def _believed(laid: Laid, pairs: Pairs, on_head: Mask, region: Ellipse, aspects: tuple[float, float]) -> bool:
    """The gates, all of which a fit must pass."""
    ours = int((laid.agree & on_head).sum())
    return (
        laid.inliers >= FEWEST
        and geometry.plausible(laid.matrix, aspects[0])
        and ours >= max(FEWEST_ON_HEAD, on_head.sum() * LEAST_SHARE)
        and doubt(laid, pairs, region, aspects[1]) <= UNSURE
    )


def doubt(laid: Laid, pairs: Pairs, region: Ellipse, aspect: float) -> float:
    """How far the fit may be off at the region's edge: one standard deviation, in units of the width.

    Large when the inliers are few, in one place or in a row: a mole holds a matrix in one place only. Each number of
    the matrix is taken to lie within 1 of what it seems, so that what no inlier says remains in doubt.
    """
    numbers = np.array(laid.matrix).reshape(3, 3)
    slopes = _slopes(numbers, pairs.photo[laid.agree])
    spread = np.linalg.inv(slopes.T @ slopes / max(laid.residual, _EXACT) ** 2 + np.eye(slopes.shape[1]))
    angles = np.linspace(0, 2 * np.pi, _SPOKES, endpoint=False)
    edge = np.stack(
        [region.x + region.across * np.cos(angles), (region.y + region.down * np.sin(angles)) * aspect], axis=1
    )
    at = _slopes(numbers, moved(np.linalg.inv(numbers), edge))
    return float(np.sqrt(np.einsum("ij,jk,ik->i", at, spread, at).reshape(2, -1).sum(axis=0).max()))


def moved(numbers: Numbers, points: Numbers) -> Numbers:
    """Where the points come to lie."""
    laid = points @ numbers[:, :2].T + numbers[:, 2]
    return np.asarray(laid[:, :2] / laid[:, 2:])


def apart(matrix: Matrix, pairs: Pairs) -> Numbers:
    """The distance of each pair once the photo is laid over the baseline, in units of the baseline's width."""
    return np.asarray(np.hypot(*(moved(np.array(matrix).reshape(3, 3), pairs.photo) - pairs.baseline).T))


def _fitted(pairs: Pairs, part: Mask) -> Laid | None:
    """Find a matrix in a part of the pairs, then let all pairs that agree with it say exactly where it lies."""
    matrix = _robust(pairs.only(part)) if part.sum() >= FEWEST else None
    for _ in range(_POLISH):
        agree = apart(matrix, pairs) <= _TOLERANCE if matrix else part
        if matrix is None or agree.sum() < FEWEST:
            return None
        matrix = _homography(pairs.only(agree))
    return _judged(matrix, pairs) if matrix else None


def _robust(pairs: Pairs) -> Matrix | None:
    return _homography(pairs, cv2.USAC_MAGSAC, _TOLERANCE * _UNIT, maxIters=_TRIES, confidence=_SURE)


def _homography(pairs: Pairs, *how: float, **limits: float) -> Matrix | None:
    """By least squares, or how OpenCV is told to; from pixels of pictures `_UNIT` wide to widths."""
    found, _ = cv2.findHomography(pairs.photo * _UNIT, pairs.baseline * _UNIT, *how, **limits)  # type: ignore[call-overload]
    if found is None:
        return None
    unit = np.diag([_UNIT, _UNIT, 1.0])
    numbers = np.linalg.inv(unit) @ found @ unit
    if not np.isfinite(numbers).all() or abs(numbers[2, 2]) < _NOTHING:
        return None
    return as_matrix(numbers / numbers[2, 2])


def _judged(matrix: Matrix, pairs: Pairs) -> Laid | None:
    distance = apart(matrix, pairs)
    agree = np.asarray(distance <= _TOLERANCE, np.bool_)
    return Laid(matrix, agree, float(np.sqrt((distance[agree] ** 2).mean()))) if agree.any() else None


def _slopes(numbers: Numbers, points: Numbers) -> Numbers:
    """How x, then y, of each laid point changes with each of the eight numbers."""
    x, y = points.T
    w = numbers[2, 0] * x + numbers[2, 1] * y + numbers[2, 2]
    u, v = moved(numbers, points).T
    none = np.zeros_like(x)
    along = np.stack([x, y, none + 1, none, none, none, -u * x, -u * y], axis=1)
    down = np.stack([none, none, none, x, y, none + 1, -v * x, -v * y], axis=1)
    return np.asarray(np.concatenate([along, down]) / np.concatenate([w, w])[:, None])
