"""A head is not flat: between two photos of a head that was turned in depth, a bend of second order remains.

Found from the same pairs as the matrix and used only for the picture that is looked at, in the slider and in the
time-lapse (clinical.md 7.2). On drawn heads turned by 6 degrees it brings the mean error in the region from 0.17 to
0.02 percent of the width. It says nothing where no pairs are: there the bend at the nearest known place goes on.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from portal.imaging.measured import Ellipse
from portal.imaging.pictures import Mask, Numbers
from portal.imaging.registration import Laid, Pairs, moved

FEWEST: Final = 60
UNSURE: Final = 0.0015  # of the width, one standard deviation, at the region's edge
_FURTHEST: Final = 0.02  # of the width: no head bends the picture more
_NEAR: Final = 0.003
_REACH: Final = 1.8  # times the region
_EXACT: Final = 0.0005
_ROUNDS: Final = 4
_SPOKES: Final = 12


@dataclass(frozen=True, slots=True)
class Curve:
    """Where a place of the baseline is to be looked up before the matrix's way back: `numbers` has a row each for
    1, x, y, xx, xy, yy, counted from the region's centre in its half axes; the columns are the shifts in widths.
    """

    region: Ellipse
    aspect: float
    numbers: Numbers

    def bent(self, points: Numbers) -> Numbers:
        """The places (rows of x / width, y / width) moved."""
        return np.asarray(points + _terms(points, self.region, self.aspect) @ self.numbers)


def found(laid: Laid, pairs: Pairs, on_head: Mask, region: Ellipse, aspect: float) -> tuple[Curve, float] | None:
    """The bend and the root mean square of what remains, or None where the pairs do not say it surely."""
    straight = moved(np.array(laid.matrix).reshape(3, 3), pairs.photo)
    shift = straight - pairs.baseline
    used = on_head & (np.hypot(*shift.T) <= _FURTHEST)
    terms = _terms(pairs.baseline, region, aspect)
    numbers, rest = np.zeros((6, 2)), np.hypot(*shift.T)
    for _ in range(_ROUNDS):
        if used.sum() < FEWEST:
            return None
        numbers = np.linalg.lstsq(terms[used], shift[used], rcond=None)[0]
        rest = np.hypot(*(terms @ numbers - shift).T)
        used = on_head & (rest <= _NEAR)
    residual = float(np.sqrt((rest[used] ** 2).mean())) if used.any() else 1.0
    if used.sum() < laid.agree[on_head].sum() or _doubt(terms[used], max(residual, _EXACT)) > UNSURE:
        return None
    return Curve(region, aspect, numbers), residual


def _doubt(terms: Numbers, residual: float) -> float:
    """One standard deviation of the bend, at worst, on the region's edge."""
    spread = np.linalg.inv(terms.T @ terms / residual**2 + np.eye(terms.shape[1]) / _FURTHEST**2)
    angles = np.linspace(0, 2 * np.pi, _SPOKES, endpoint=False)
    edge = _products(np.cos(angles), np.sin(angles))
    return float(np.sqrt(2 * np.einsum("ij,jk,ik->i", edge, spread, edge).max()))


def _terms(points: Numbers, region: Ellipse, aspect: float) -> Numbers:
    across = (points[:, 0] - region.x) / region.across
    down = (points[:, 1] / aspect - region.y) / region.down
    inwards = np.minimum(1, _REACH / np.maximum(np.hypot(across, down), 1e-9))
    return _products(across * inwards, down * inwards)


def _products(x: Numbers, y: Numbers) -> Numbers:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
