"""The renditions of one photo, and the quick way to its pixels. Runs in a caged child only (`portal.kit.cage`).

What most phones save is read by simplejpeg or libheif, and turned, halved and saved by OpenCV, faster than Pillow does
it. simplejpeg and Pillow share their decoder, libjpeg-turbo, and give the same values; at the least sign of damage, and
for all other files, Pillow decides (`portal.photos.pixels`).
"""

import io
from math import ceil
from typing import Final

import cv2
import numpy as np
import pi_heif
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
"""Height x width x 3, blue first as OpenCV has it."""
Grey = NDArray[np.uint8]
"""Height x width."""

RENDITIONS: Final = (("large", 2048), ("medium", 1024), ("small", 320))
QUALITY: Final = 85

# A 12-megapixel photo at half size is 2000 to 2016 pixels wide: near enough to 2048 to spare the full decode.
_NEAR_ENOUGH: Final = 0.9
_SCALES: Final = (1, 2, 4, 8)
_UNEVEN: Final = 0.67  # areas that are averaged nearly one to one blur in stripes
LYING: Final = 5
"""From this of EXIF's orientations on, 5 to 8, a photo lies on its side."""
_FLIPPED: Final = {2: 1, 3: -1, 4: 0, 6: 0, 7: -1, 8: 1}
"""The axis of `cv2.flip` by EXIF's orientation; -1 is both. Those on their side are transposed as well."""


def draft_size(width: int, height: int) -> tuple[int, int]:
    """Return the smallest size a scaled decode may give; it keeps the shape, since Pillow looks at both sides."""
    scale = max(width, height) / (RENDITIONS[0][1] * _NEAR_ENOUGH)
    return max(int(width / scale), 1), max(int(height / scale), 1)


def of_jpeg(raw: bytes, width: int, height: int) -> Pixels | None:
    """A colour JPEG as it lies in the file, no larger than the largest rendition; None for one that is at all odd."""
    smallest = max(draft_size(width, height))
    scale = max(scale for scale in _SCALES if scale == 1 or max(width, height) // scale >= smallest)
    high, wide = ceil(height / scale), ceil(width / scale)
    try:
        found = simplejpeg.decode_jpeg(raw, "BGR", min_height=high, min_width=wide, min_factor=scale)
    except ValueError:
        return None
    return _shrunk(found, RENDITIONS[0][1])


def of_heif(raw: bytes) -> Pixels:
    """A colour HEIF, no larger than the largest rendition. Raises what its decoder does.

    The array over the decoder's pixels does not keep them alive. The file does, so it has a name and outlasts the copy.
    """
    file = pi_heif.open_heif(io.BytesIO(raw), bgr_mode=True)
    return np.array(_shrunk(np.asarray(file), RENDITIONS[0][1]))


def made_of(pixels: Pixels) -> list[Pixels]:
    """One for each of RENDITIONS, each made from the one before."""
    made = []
    for _, side in RENDITIONS:
        pixels = _shrunk(pixels, side)
        made.append(pixels)
    return made


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn and mirror by EXIF's number, 1 to 8. Takes half the time of `cv2.rotate`, and may change what was given."""
    if orientation in _FLIPPED:
        pixels = np.asarray(cv2.flip(pixels, _FLIPPED[orientation], pixels), np.uint8)
    return np.asarray(cv2.transpose(pixels), np.uint8) if orientation >= LYING else pixels


def saved(pixels: Pixels) -> bytes:
    """As a JPEG file with nothing in it but the picture."""
    _, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return jpeg.tobytes()


def as_image(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8))


def as_pixels(image: Image.Image) -> Pixels:
    """Of a picture in RGB."""
    return np.asarray(cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2BGR), np.uint8)


def grey_of(pixels: Pixels) -> Grey:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)


def fitted(image: Image.Image, side: int) -> Image.Image:
    """Return the picture with no side longer than `side`; exact halves are averaged, at a tenth of the price."""
    longest, many_bits = max(image.size), image.mode.startswith("I")  # which Pillow resizes and cannot reduce
    if side * _NEAR_ENOUGH <= longest / 2 <= side and not many_bits:
        return image.reduce(2)
    if longest <= side:
        return image
    scale = side / longest
    size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=None if many_bits else 1.0)


def halved(pixels: Pixels) -> Pixels:
    """Average each two by two pixels, in colour or in grey; an odd last row or column is left out."""
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    even = pixels[: height * 2, : width * 2]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _shrunk(pixels: Pixels, side: int) -> Pixels:
    """No side longer than `side`: halve as often as that leaves enough, which costs next to nothing, then the rest."""
    while max(pixels.shape) / 2 >= side * _NEAR_ENOUGH:
        pixels = halved(pixels)
    height, width = pixels.shape[:2]
    scale = side / max(width, height)
    if scale > _UNEVEN:
        return np.array(fitted(Image.fromarray(pixels), side)) if scale < 1 else pixels
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
