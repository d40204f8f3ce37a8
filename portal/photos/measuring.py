"""Numbers about one photo: sharpness, light, colour, and whether it may be a scalp at all. Runs in the caged child.

Measured on the medium rendition (longest side 1008 to 1024 for what phones save), because it is there anyway, and with
histograms, because Pillow makes them quickly: all of it costs a few milliseconds. The numbers are those of
`photos.quality.Quality`.
"""

from collections.abc import Sequence
from math import log, log10
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Oval = tuple[float, float, float, float]
"""Centre and half axes in shares of the picture: x by its width, y by its height."""

CLIPPED: Final = 247
DARK: Final = 8
_HALVED: Final = 2
_LAPLACE: Final = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=_HALVED, offset=128)
_RING: Final = 1.35
"""Where the surroundings begin, in half axes of the region."""
_COARSER: Final = 4
_SHARP: Final = 0.5  # below this it is asked whether the surroundings are sharper; it takes longer than all the rest
_FLAT: Final = 0.01  # what has no structure at all must have a logarithm, too
_FAINT: Final = 30.0  # variance: where there is less than this, it is the grain of the sensor and no hair
_BRIGHT: Final = 0.95

# All skin, from very light to very dark and from pale to flushed, and all natural hair, grey and white included, lie in
# this box of YCbCr, also under lamp light. So do wood and sand: the question is only what cannot be a scalp.
_REDDISH: Final = (117, 190)
_BLUISH: Final = (50, 142)
_WHITE: Final = 250


def measure(image: Image.Image, oval: Oval, short_side: int) -> dict[str, float]:
    """Measure the region of an upright sRGB picture. `short_side`: that of the original, in pixels."""
    luma, small = image.convert("L"), image.reduce(_COARSER)
    inside, around = _masks(small.size, oval)
    near, mask = _region(luma, oval)
    detail = _detail(near, mask)
    found = {
        "sharpness": log(detail),
        "detail": detail,
        **_light(near.histogram(mask)),
        "cast": _cast(small, inside),
        "short_side": short_side,
        "subject": _subject(small, inside),
        "around": _detail(luma, _masks(luma.size, oval)[1]) if detail < _SHARP else 0.0,
        "wall": _cast(small, around),
        "bright": _at(small.convert("L").histogram(), _BRIGHT),
    }
    return {name: round(value, 4) for name, value in found.items()}


def _region(image: Image.Image, oval: Oval) -> tuple[Image.Image, Image.Image]:
    """Cut out the region's box: less to filter."""
    left, top, right, bottom = _box(image.size, oval, 1.0)
    box = max(int(left), 0), max(int(top), 0), min(int(right) + 1, image.width), min(int(bottom) + 1, image.height)
    return image.crop(box), _masks(image.size, oval)[0].crop(box)


def _masks(size: tuple[int, int], oval: Oval) -> tuple[Image.Image, Image.Image]:
    """The region, and what lies well outside of it."""
    inside, around = Image.new("L", size), Image.new("L", size, 255)
    ImageDraw.Draw(inside).ellipse(_box(size, oval, 1.0), fill=255)
    ImageDraw.Draw(around).ellipse(_box(size, oval, _RING), fill=0)
    return inside, around


def _box(size: tuple[int, int], oval: Oval, times: float) -> tuple[float, float, float, float]:
    (width, height), (x, y, across, down) = size, oval
    across, down = across * times, down * times
    return (x - across) * width, (y - down) * height, (x + across) * width, (y + down) * height


def _detail(luma: Image.Image, mask: Image.Image) -> float:
    """The variance of the Laplacian over the one at half the size.

    A sharp picture has as much structure at one size as at half of it; blur takes the finer first. Unlike the variance
    itself this hardly depends on what is shown: hair that grows from 0.45 to 0.9 of the scalp moves its logarithm by
    0.1, that of the variance by 1.5.
    """
    half, half_mask = luma.reduce(2), _without_edge(mask.resize(_half(mask.size), Image.Resampling.NEAREST))
    fine = _variance(luma.filter(_LAPLACE).histogram(_without_edge(mask)))
    return fine / (_variance(half.filter(_LAPLACE).histogram(half_mask)) + _FAINT)


def _half(size: tuple[int, int]) -> tuple[int, int]:
    return (size[0] + 1) // 2, (size[1] + 1) // 2


def _without_edge(mask: Image.Image) -> Image.Image:
    """Leave out the outermost pixels, where filters cannot work."""
    ImageDraw.Draw(mask).rectangle((0, 0, mask.width - 1, mask.height - 1), outline=0)
    return mask


def _variance(counts: Sequence[int]) -> float:
    many = sum(counts) or 1
    mean = sum(value * count for value, count in enumerate(counts)) / many
    spread = sum((value - mean) ** 2 * count for value, count in enumerate(counts)) / many
    return spread * _HALVED**2 + _FLAT


def _light(counts: Sequence[int]) -> dict[str, float]:
    many = sum(counts) or 1
    return {
        "luma": _at(counts, 0.5),
        "clipped": sum(counts[CLIPPED + 1 :]) / many,
        "dark": sum(counts[:DARK]) / many,
    }


def _at(counts: Sequence[int], share: float) -> float:
    """The value below which `share` of the counts lie; 0.5 is the median."""
    left = sum(counts) * share
    for value, count in enumerate(counts):
        left -= count
        if left <= 0:
            return float(value)
    return 255.0


def _cast(image: Image.Image, mask: Image.Image) -> float:
    """100 log10(R/B) of the median colour in linear light."""
    counts = image.histogram(mask)
    red, blue = (_linear(_at(counts[start : start + 256], 0.5)) for start in (0, 512))
    return 100 * log10(red / blue)


def _linear(value: float) -> float:
    """An sRGB value (0 to 255) as light (0 to 1), never nothing."""
    part = max(value, 1.0) / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB's own curve


def _subject(image: Image.Image, mask: Image.Image) -> float:
    luma, blue, red = image.convert("YCbCr").split()
    fits = ImageChops.darker(red.point(_between(*_REDDISH)), blue.point(_between(*_BLUISH)))
    fits = ImageChops.darker(fits, luma.point(_between(0, _WHITE)))
    counts = fits.histogram(mask)
    return counts[255] / (sum(counts) or 1)


def _between(low: int, high: int) -> list[int]:
    return [255 * (low <= value <= high) for value in range(256)]
