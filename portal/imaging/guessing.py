"""A guess how a photo lies, by the brightness of small soft copies, for photos in which no features were found again.

A guess cannot tell that it failed (clinical.md 7.1), so it is only ever a proposal. Sharpening weak fits by brightness
was tried and left out: on 24 inliers it made the 95th percentile of the error in the region about ten times as large.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import cv2
import numpy as np

from portal.imaging import geometry
from portal.imaging.measured import Ellipse, Matrix
from portal.imaging.pictures import Mask, Numbers, Picture, as_matrix, aspect, from_pixels, in_pixels, mask, size

_WIDTH: Final = 192  # pixels
_AROUND: Final = 1.8  # times the region
_TURNS, _SCALES = (-10, 0, 10), (0.87, 1.0, 1.15)
_BLUR: Final = 5
_STOP: Final = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-4)
_LIKELY: Final = 0.6  # correlation below which nothing is proposed
_SEEN: Final = 0.5  # of the surroundings that the photo must show
_FLAT: Final = 1.0  # standard deviation of 255 below which there is nothing to compare


@dataclass(frozen=True, slots=True)
class Guess:
    """`likeness`: the correlation, -1 to 1, of both pictures' brightness around the region."""

    matrix: Matrix
    likeness: float


def guessed(photo: Picture, baseline: Picture, region: Ellipse) -> Guess | None:
    """The best of several starts on grey pictures, or None where all of them look unlikely."""
    small, ground = _small(photo), _small(baseline)
    around = mask(region, ground, _AROUND)
    starts = [_start(turn, scale, region, ground, small) for turn, scale in product(_TURNS, _SCALES)]
    guesses = [_guess(_climbed(ground, small, around, start), small, ground, around) for start in starts]
    best = max((guess for guess in guesses if guess), key=lambda guess: guess.likeness, default=None)
    return best if best and best.likeness >= _LIKELY else None


def _start(turn: float, scale: float, region: Ellipse, baseline: Picture, photo: Picture) -> Numbers:
    """From the baseline's pixels to the photo's: turned by degrees and scaled about the region's centre."""
    cosine, sine = scale * np.cos(np.radians(turn)), scale * np.sin(np.radians(turn))
    x, y, below = region.x, region.y * aspect(baseline), region.y * aspect(photo)
    matrix = np.array(
        [
            [cosine, -sine, x - cosine * x + sine * y],
            [sine, cosine, below - sine * x - cosine * y],
            [0, 0, 1],
        ]
    )
    return in_pixels(as_matrix(matrix), size(baseline), size(photo))


def _climbed(baseline: Picture, photo: Picture, around: Mask, start: Numbers) -> Numbers | None:
    """From a start to where the correlation is best; None where that leads nowhere."""
    everywhere = np.full(photo.shape, 255, np.uint8)
    begin = start[:2].astype(np.float32)
    where = around.astype(np.uint8) * 255
    try:
        _, found = cv2.findTransformECCWithMask(
            baseline, photo, where, everywhere, begin, cv2.MOTION_AFFINE, _STOP, _BLUR
        )
    except cv2.error:
        return None
    return np.vstack([found, [0, 0, 1]]).astype(np.float64)


def _guess(found: Numbers | None, photo: Picture, baseline: Picture, around: Mask) -> Guess | None:
    if found is None:
        return None
    try:
        matrix = geometry.inverted(from_pixels(found, size(baseline), size(photo)))
    except ValueError:
        return None
    if not geometry.plausible(matrix, aspect(photo)):
        return None
    return Guess(matrix, _likeness(matrix, photo, baseline, around))


def _likeness(matrix: Matrix, photo: Picture, baseline: Picture, around: Mask) -> float:
    numbers = in_pixels(matrix, size(photo), size(baseline))
    laid = cv2.warpPerspective(_soft(photo), numbers, size(baseline))
    shown = cv2.warpPerspective(np.ones(photo.shape, np.uint8), numbers, size(baseline), flags=cv2.INTER_NEAREST)
    both = around & (shown > 0)
    if both.sum() < _SEEN * around.sum():
        return -1.0
    ours, theirs = laid[both].astype(np.float64), _soft(baseline)[both].astype(np.float64)
    if min(ours.std(), theirs.std()) < _FLAT:
        return -1.0
    return float(np.corrcoef(ours, theirs)[0, 1])


def _small(picture: Picture) -> Picture:
    width, height = size(picture)
    wanted = (_WIDTH, max(round(height * _WIDTH / width), 1))
    return np.asarray(cv2.equalizeHist(cv2.resize(picture, wanted, interpolation=cv2.INTER_AREA)), np.uint8)


def _soft(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (_BLUR, _BLUR), 0), np.uint8)
