"""Small drawn scalps for the tests of this folder, and photos of them laid over the first one by the truth."""

from functools import cache
from typing import Any

import cv2
import numpy as np

from benchmarks.truth import Shot, photograph, scalp
from benchmarks.truth.fields import Pixels, inside

FRAME = (600, 800)


@cache
def scene(seed, **how: Any):
    return scalp(seed, frame=FRAME, **how)


def first(seed, **how: Any) -> Shot:
    return photograph(scene(seed, **how))


def laid(shot: Shot, over: Shot) -> Pixels:
    """The photo in the frame of the other."""
    return cv2.warpPerspective(
        shot.rgb, shot.truth_to(over), over.size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def treated(shot: Shot) -> Pixels:
    return inside(shot.scene.region, shot.size)


def untreated(shot: Shot) -> Pixels:
    return inside(shot.scene.untreated, shot.size)


def seeded(*numbers: int) -> np.random.Generator:
    return np.random.default_rng(numbers)
