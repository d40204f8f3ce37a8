"""Numbers about one photo: sharpness, light, colour, and whether it may be a scalp at all. Runs in the caged child.

Measured on the medium rendition (longest side 1008 to 1024 for what phones save), because it is there anyway, and with
histograms: all of it costs two milliseconds. The numbers are those of `photos.quality.Quality`.
"""

from math import log, log10
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from portal.photos.renditions import Grey, Pixels, grey_of, halved

Mask = NDArray[np.uint8]
"""Not 0 where a pixel counts."""
Counts = NDArray[np.float64]
"""How many pixels have each of the values 0 to 255."""
Oval = tuple[float, float, float, float]
"""Centre and half axes in shares of the picture: x by its width, y by its height."""

CLIPPED: Final = 247
DARK: Final = 8
_INNER: Final = np.s_[1:-1, 1:-1]
_RING: Final = 1.35
"""Where the surroundings begin, in half axes of the region."""
_SHARP: Final = 0.5  # below this it is asked whether the surroundings are sharper; it takes longer than all the rest
_FLAT: Final = 0.01  # what has no structure at all must have a logarithm, too
_FAINT: Final = 30.0  # variance: where there is less than this, it is the grain of the sensor and no hair
_BRIGHT: Final = 0.95

# All skin, from very light to very dark and from pale to flushed, and all natural hair, grey and white included, lie in
# this box of YCbCr, also under lamp light. So do wood and sand: the question is only what cannot be a scalp.
_PALEST: Final = (0, 117, 50)  # luma, reddish, bluish
_DEEPEST: Final = (250, 191, 143)
_BLUE, _RED = 0, 2


def measure(pixels: Pixels, oval: Oval, short_side: int) -> dict[str, float]:
    """Measure the region of an upright sRGB picture. `short_side`: that of the original, in pixels."""
    luma, small = grey_of(pixels), halved(halved(pixels))
    inside = _inside(small, oval)
    near, mask = _region(luma, oval)
    detail = _detail(near, mask)
    found = {
        "sharpness": log(detail),
        "detail": detail,
        **_light(_counts(near, mask)),
        "cast": _cast(small, inside),
        "short_side": short_side,
        "subject": _subject(small, inside),
        "around": _detail(luma, _outside(luma, oval)) if detail < _SHARP else 0.0,
        "wall": _cast(small, _outside(small, oval)),
        "bright": _at(_counts(grey_of(small)), _BRIGHT),
    }
    return {name: round(value, 4) for name, value in found.items()}


def _region(luma: Grey, oval: Oval) -> tuple[Grey, Mask]:
    """Cut out the region's box: less to filter."""
    height, width = luma.shape
    left, top, right, bottom = _box((width, height), oval, 1.0)
    box = np.s_[max(int(top), 0) : min(int(bottom) + 1, height), max(int(left), 0) : min(int(right) + 1, width)]
    return luma[box], _inside(luma, oval)[box]


def _inside(picture: Pixels | Grey, oval: Oval) -> Mask:
    return _ellipse(picture, oval, 1.0)


def _outside(picture: Pixels | Grey, oval: Oval) -> Mask:
    """What lies well outside of the region."""
    return np.asarray(cv2.bitwise_not(_ellipse(picture, oval, _RING)), np.uint8)


def _ellipse(picture: Pixels | Grey, oval: Oval, times: float) -> Mask:
    size = picture.shape[1], picture.shape[0]
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse(_box(size, oval, times), fill=255)
    return np.asarray(mask)


def _box(size: tuple[int, int], oval: Oval, times: float) -> tuple[float, float, float, float]:
    (width, height), (x, y, across, down) = size, oval
    across, down = across * times, down * times
    return (x - across) * width, (y - down) * height, (x + across) * width, (y + down) * height


def _detail(luma: Grey, mask: Mask) -> float:
    """The variance of the Laplacian over the one at half the size.

    A sharp picture has as much structure at one size as at half of it; blur takes the finer first. Unlike the variance
    itself this hardly depends on what is shown: hair that grows from 0.45 to 0.9 of the scalp moves its logarithm by
    0.1, that of the variance by 1.5.
    """
    return _variance(luma, mask) / (_variance(halved(luma), mask[1::2, 1::2]) + _FAINT)


def _variance(luma: Grey, mask: Mask) -> float:
    """That of the Laplacian, leaving out the outermost pixels, where filters cannot work."""
    _, spread = cv2.meanStdDev(cv2.Laplacian(luma, cv2.CV_16S)[_INNER], mask=mask[_INNER])
    return float(spread[0, 0]) ** 2 + _FLAT


def _counts(picture: Pixels | Grey, mask: Mask | None = None, colour: int = 0) -> Counts:
    return np.asarray(cv2.calcHist([picture], [colour], mask, [256], [0, 256]), np.float64).ravel()


def _light(counts: Counts) -> dict[str, float]:
    many = counts.sum() or 1
    return {
        "luma": _at(counts, 0.5),
        "clipped": counts[CLIPPED + 1 :].sum() / many,
        "dark": counts[:DARK].sum() / many,
    }


def _at(counts: Counts, share: float) -> float:
    """The value below which `share` of the counts lie; 0.5 is the median."""
    return float(np.searchsorted(np.cumsum(counts), counts.sum() * share))


def _cast(pixels: Pixels, mask: Mask) -> float:
    """100 log10(R/B) of the median colour in linear light."""
    red, blue = (_linear(_at(_counts(pixels, mask, colour), 0.5)) for colour in (_RED, _BLUE))
    return 100 * log10(red / blue)


def _linear(value: float) -> float:
    """An sRGB value (0 to 255) as light (0 to 1), never nothing."""
    part = max(value, 1.0) / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB's own curve


def _subject(pixels: Pixels, mask: Mask) -> float:
    fits = cv2.inRange(cv2.cvtColor(pixels, cv2.COLOR_BGR2YCrCb), _PALEST, _DEEPEST)
    return float(cv2.mean(fits, mask)[0]) / 255
