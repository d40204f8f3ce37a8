"""Points of a picture that can be found again, and which of them two pictures share."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from portal.imaging.measured import Ellipse
from portal.imaging.pictures import Numbers, Picture, mask

MOST: Final = 5000
RATIO: Final = 0.8
_FAINTEST: Final = 0.02  # contrast; half of what SIFT asks for
_REACH: Final = 2.3  # times the region: where features are looked for, so that a busy room does not use them up
_WINDOW: Final = 31  # pixels
_FLOOR: Final = 4  # of 255: what is fainter is noise
_GAIN: Final = 40


@dataclass(frozen=True, slots=True)
class Features:
    """`points`: x / width, y / width, one row each. `marks`: one row of unit length each, near when they look alike."""

    points: Numbers
    marks: NDArray[np.float32]


def find(picture: Picture, region: Ellipse) -> Features:
    """The strongest features of a grey picture in and around the region."""
    sift = cv2.SIFT.create(nfeatures=MOST, contrastThreshold=_FAINTEST, enable_precise_upscale=True)
    where = mask(region, picture, _REACH).astype(np.uint8) * 255
    spots, marks = sift.detectAndCompute(_lively(picture), where)
    if not spots:
        return Features(np.empty((0, 2)), np.empty((0, 128), np.float32))
    points = (np.array([spot.pt for spot in spots], np.float64) + 0.5) / picture.shape[1]
    roots = np.sqrt(marks / np.maximum(marks.sum(axis=1, keepdims=True), 1))
    return Features(points, roots.astype(np.float32))


def _lively(picture: Picture) -> Picture:
    """The same contrast everywhere: blond hair and dark skin have features, too, and shadows and walls not more."""
    light, window = picture.astype(np.float32), (_WINDOW, _WINDOW)
    middle = cv2.blur(light, window)
    spread = np.sqrt(np.maximum(cv2.blur(light * light, window) - middle * middle, 0)) + _FLOOR
    return np.asarray(np.clip(128 + _GAIN * (light - middle) / spread, 0, 255), np.uint8)


def shared(photo: Features, baseline: Features) -> tuple[Numbers, Numbers]:
    """Points of both, row by row the same spot: each the other's nearest, and clearly nearer than any other."""
    if min(len(photo.marks), len(baseline.marks)) < 2:  # noqa: PLR2004 - the nearest, and one to tell it from
        return np.empty((0, 2)), np.empty((0, 2))
    likeness = photo.marks @ baseline.marks.T
    nearest = likeness.argmax(axis=1)
    rows = np.arange(len(nearest))
    mutual = likeness.argmax(axis=0)[nearest] == rows
    best = likeness[rows, nearest]
    likeness[rows, nearest] = -1
    second = likeness.max(axis=1)
    kept = np.flatnonzero(mutual & (_apart(best) < RATIO * _apart(second)))
    return photo.points[kept], baseline.points[nearest[kept]]


def _apart(likeness: NDArray[np.float32]) -> NDArray[np.float32]:
    """The distance of two rows of unit length."""
    return np.sqrt(np.maximum(2 - 2 * likeness, 0)).astype(np.float32)
