"""Smooth random fields and soft ellipses: what skin, light, hair and walls are made of."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from portal.imaging.measured import Ellipse

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[Any]


def noise(rng: np.random.Generator, shape: tuple[int, int], cell: float) -> Floats:
    """A smooth field with mean 0 and deviation about 1, whose blobs are `cell` pixels wide."""
    rows, columns = (max(2, round(side / cell) + 1) for side in shape)
    grid = rng.standard_normal((rows, columns), dtype=np.float32)
    return np.asarray(cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32) * 1.35


def level(ellipse: Ellipse, x: Pixels, y: Pixels) -> Pixels:
    """0 in the middle of the ellipse, 1 on its edge, quadratic; x and y in the ellipse's units."""
    return np.asarray(((x - ellipse.x) / ellipse.across) ** 2 + ((y - ellipse.y) / ellipse.down) ** 2)


def inside(ellipse: Ellipse, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """The ellipse as a mask of a picture of (width, height)."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    return np.asarray(level(ellipse, (x + 0.5) / size[0], (y + 0.5) / size[1]) <= 1)
