"""Pictures as arrays, in the caged child: from JPEG and back, masks, and one picture in another's frame.

Pixels count from the middle of the top left one; a `Matrix` counts from the corner, in units of the width.
"""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from portal.imaging.geometry import compose
from portal.imaging.measured import Ellipse, Matrix

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]

SIDE: Final = 1024  # of the rendition that is measured; a larger picture is made as small
QUALITY: Final = 85
NOWHERE: Final = (127, 127, 127)  # where an aligned photo shows nothing


class Unreadable(Exception):  # noqa: N818 - a finding about a picture
    """These bytes are no picture that can be measured."""


def prepare() -> None:
    """Once, before the first child: one thread, as a child may have no others."""
    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)


def decoded(jpeg: bytes) -> Picture:
    """RGB, longest side at most SIDE. Raises Unreadable."""
    try:
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        picture = None
    if picture is None:
        raise Unreadable
    height, width = picture.shape[:2]
    shrink = SIDE / max(height, width)
    if shrink < 1:
        size = (max(round(width * shrink), 1), max(round(height * shrink), 1))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)


def encoded(rgb: Picture) -> bytes:
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return bytes(jpeg)


def grey(rgb: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)


def aspect(picture: Picture) -> float:
    """Height divided by width."""
    return float(picture.shape[0] / picture.shape[1])


def mask(region: Ellipse, picture: Picture, grown: float = 1.0) -> Mask:
    """Which pixels lie in the region, made larger by `grown` about its centre."""
    height, width = picture.shape[:2]
    across = ((np.arange(width) + 0.5) / width - region.x) / (region.across * grown)
    down = ((np.arange(height) + 0.5) / height - region.y) / (region.down * grown)
    return np.asarray(across[None, :] ** 2 + down[:, None] ** 2 <= 1, np.bool_)


def in_pixels(matrix: Matrix, photo: tuple[int, int], baseline: tuple[int, int]) -> Numbers:
    """The matrix between pixels of pictures of these widths and heights, as OpenCV wants it."""
    widths = photo[0], baseline[0]
    return np.array(compose(_to_pixels(widths[1]), compose(matrix, _from_pixels(widths[0])))).reshape(3, 3)


def from_pixels(numbers: Numbers, photo: tuple[int, int], baseline: tuple[int, int]) -> Matrix:
    """The way back of `in_pixels`. Raises ValueError for a matrix that takes the corner to infinity."""
    return compose(_from_pixels(baseline[0]), compose(as_matrix(numbers), _to_pixels(photo[0])))


def as_matrix(numbers: Numbers) -> Matrix:
    a, b, c, d, e, f, g, h, i = (float(number) for number in numbers.ravel())
    return a, b, c, d, e, f, g, h, i


def size(picture: Picture) -> tuple[int, int]:
    """Width and height in pixels."""
    return int(picture.shape[1]), int(picture.shape[0])


def warped(
    rgb: Picture, matrix: Matrix, baseline: tuple[int, int], bent: Callable[[Numbers], Numbers] | None = None
) -> tuple[Picture, Mask]:
    """The photo in the baseline's frame and size, and where it shows something. `bent` moves places of the baseline, in
    widths, to where the matrix's way back looks them up.
    """
    width, height = baseline
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    places = (np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5) / width
    if bent:
        places = bent(places)
    numbers = np.linalg.inv(np.array(matrix).reshape(3, 3))
    laid = places @ numbers[:, :2].T + numbers[:, 2]
    where = (laid[:, :2] / laid[:, 2:] * rgb.shape[1] - 0.5).reshape(height, width, 2).astype(np.float32)
    return _looked_up(rgb, where), _inside(where, size(rgb))


def _looked_up(rgb: Picture, where: NDArray[np.float32]) -> Picture:
    there = cv2.remap(rgb, where, np.empty(0), cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=NOWHERE)
    return np.asarray(there, np.uint8)


def _inside(where: NDArray[np.float32], frame: tuple[int, int]) -> Mask:
    most = np.array(frame, np.float32) - 1
    return np.asarray(((where >= 0) & (where <= most)).all(axis=2), np.bool_)


def _to_pixels(width: int) -> Matrix:
    return (width, 0, -0.5, 0, width, -0.5, 0, 0, 1)


def _from_pixels(width: int) -> Matrix:
    return (1 / width, 0, 0.5 / width, 0, 1 / width, 0.5 / width, 0, 0, 1)
