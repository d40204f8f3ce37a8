"""Lay a photo over its baseline by points a person tapped on both: three are enough, more are better."""

from typing import Final

import numpy as np

from portal.imaging.measured import Matrix
from portal.imaging.pictures import Numbers, as_matrix

FEWEST: Final = 3

# Taps miss by about half a percent of the width on either picture. Photos of one view differ by a turn, a scale and a
# shift first; stretched they are by about 3 % and in perspective by about 5 %, so that is as far as taps are believed
# to say so. An exact affine matrix through three taps was no better where they lie well and five times worse where they
# lie in a row; with four or more taps this beats the plain homography.
_MISS, _STRETCH, _PERSPECTIVE = 0.007, 0.03, 0.05


def tapped(photo: Numbers, baseline: Numbers) -> Matrix:
    """The likeliest matrix for three or more pairs of points, rows of x / width, y / width."""
    ours, theirs = photo.mean(axis=0), baseline.mean(axis=0)
    (x, y), (u, v) = (photo - ours).T, (baseline - theirs).T
    one, none = np.ones_like(x), np.zeros_like(x)
    across = np.stack([x, -y, one, none, x, y, -u * x, -u * y], axis=1)
    down = np.stack([y, x, none, one, -y, x, -v * x, -v * y], axis=1)
    expected = np.eye(8)[4:] * (_MISS / np.array([_STRETCH, _STRETCH, _PERSPECTIVE, _PERSPECTIVE]))[:, None]
    asked = np.concatenate([u, v, np.zeros(4)])
    a, b, right, below, e, f, g, h = np.linalg.lstsq(np.concatenate([across, down, expected]), asked, rcond=None)[0]
    middle = np.array([[a + e, f - b, right], [b + f, a - e, below], [g, h, 1]])
    numbers = _shift(theirs) @ middle @ _shift(-ours)
    return as_matrix(numbers / numbers[2, 2])


def _shift(by: Numbers) -> Numbers:
    return np.array([[1, 0, by[0]], [0, 1, by[1]], [0, 0, 1.0]])
