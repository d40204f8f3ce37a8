"""What is done to the pixels of one photo. Runs in a caged child only (`portal.kit.cage`): bytes in, bytes out.

In: a JSON question (`region`: what `measuring` looks at, or null), the file. Out: a length, a JSON head, JPEGs.

The order is chosen for speed: decode at half, quarter or eighth size where JPEG allows it, turn upright and convert
colours on the small picture, and make each rendition from the one above.
"""

import io
import json
import os
import struct
import warnings
from typing import Any, Final

import pi_heif
from PIL import ExifTags, Image, ImageCms, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

from portal.imaging import pictures
from portal.photos.measuring import Oval, measure
from portal.photos.refusals import MAX_JPEG_PIXELS, MAX_PIXELS, MAX_SIDE, MIN_SIDE, BadPhoto
from portal.photos.renditions import (
    LYING,
    RENDITIONS,
    Pixels,
    as_image,
    as_pixels,
    draft_size,
    fitted,
    grey_of,
    made_of,
    of_heif,
    of_jpeg,
    saved,
    upright,
)

FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
NICENESS: Final = 5  # pages come before photos

_LENGTH: Final = struct.Struct("!I")
_SIXTEEN_TO_EIGHT: Final = 1 / 256
_HEIF_BOXES: Final = {b"ftyp", b"meta", b"mdat", b"free", b"skip"}  # phones append what is no box at all
_PLUGINS: Final = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)


def prepare() -> None:
    """Load what decoding needs and set Pillow's own limits; once, before the first child."""
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    Image.preinit()
    pictures.prepare()
    # Plugins that allocate before they return refuse at twice this figure; the exact limits are checked in _checked.
    Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS // 2
    warnings.simplefilter("ignore")


def answer(question: bytes, raw: bytes) -> bytes:
    """Decode a photo: a length, a JSON head, then the JPEG files one after the other; or a head that only refuses."""
    try:
        head, parts = _decode(raw, _region(question))
    except BadPhoto as bad:
        head, parts = {"refused": bad.code}, []
    except MemoryError:
        head, parts = {"refused": "too_much_memory"}, []
    except Image.DecompressionBombError:
        head, parts = {"refused": "too_many_pixels"}, []
    except Exception as error:  # noqa: BLE001 - decoders raise anything at all on hostile bytes
        head, parts = {"refused": "bomb" if "too large" in str(error) else "damaged"}, []
    text = json.dumps(head).encode()
    return b"".join((_LENGTH.pack(len(text)), text, *parts))


def _region(question: bytes) -> Oval | None:
    region = json.loads(question)["region"]
    return region and tuple(region)


def _decode(raw: bytes, region: Oval | None) -> tuple[dict[str, Any], list[bytes]]:
    image = _checked(Image.open(io.BytesIO(raw), formats=FORMATS))
    if image.format == "HEIF" and _heif_is_cut(raw):
        raise BadPhoto("damaged")
    width, height = image.size
    large = _quick(image, raw)
    if large is None:
        image.draft(None, draft_size(width, height))
        image.load()
    taken, offset, orientation = _exif(image)
    if orientation >= LYING:
        width, height = height, width
    large = upright(_plain(image) if large is None else large, orientation)
    made = made_of(large)
    parts = [saved(rendition) for rendition in made]
    _, medium, small = made
    head = {
        "format": "JPEG" if image.format == "MPO" else image.format,
        "size": (width, height),
        "taken": taken,
        "offset": offset,
        "dhash": _dhash(small),
        "quality": measure(medium, region, min(width, height)) if region else None,
        "renditions": [
            (name, pixels.shape[1], pixels.shape[0], len(part))
            for (name, _), pixels, part in zip(RENDITIONS, made, parts, strict=True)
        ],
    }
    return head, parts


def _checked(image: Image.Image) -> Image.Image:
    """Refuse by the header alone, before a pixel is decoded."""
    width, height = image.size
    most = MAX_JPEG_PIXELS if image.format in {"JPEG", "MPO"} else MAX_PIXELS
    if width * height >= most or max(width, height) > MAX_SIDE:
        raise BadPhoto("too_many_pixels")
    if min(width, height) < MIN_SIDE:
        raise BadPhoto("too_small")
    # JPEG may carry previews and HEIC further pictures beside the main one; both phones do.
    if image.format in {"PNG", "WEBP"} and getattr(image, "n_frames", 1) > 1:
        raise BadPhoto("animated")
    return image


def _heif_is_cut(raw: bytes) -> bool:
    """Tell whether a box is longer than the file. The decoder does not say: it leaves the missing tiles blank."""
    at = 0
    while at + 8 <= len(raw) and raw[at + 4 : at + 8] in _HEIF_BOXES:
        size = int.from_bytes(raw[at : at + 4])
        if size == 1:
            size = int.from_bytes(raw[at + 8 : at + 16])
        if size < 8:  # noqa: PLR2004 - 0 means up to the end; less than its own header is nonsense
            return False
        at += size
    return at > len(raw)


def _exif(image: Image.Image) -> tuple[str | None, str | None, int]:
    """Return when the photo was taken, the offset of that clock (both as text, unchecked) and how it lies (1 to 8)."""
    try:
        tags = image.getexif()
        detail = tags.get_ifd(ExifTags.IFD.Exif)
        orientation = tags.get(ExifTags.Base.Orientation, 1)
    except (ValueError, TypeError, LookupError, SyntaxError, OSError, struct.error):
        return None, None, 1
    taken, offset = (detail.get(tag) for tag in (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal))
    return (
        taken if isinstance(taken, str) else None,
        offset if isinstance(offset, str) else None,
        orientation if orientation in range(1, 9) else 1,
    )


def _quick(image: Image.Image, raw: bytes) -> Pixels | None:
    """What most phones save, past Pillow: as `_plain`. None for all else.

    A hostile JPEG of many scans is too dear to be read twice, so it is not tried here.
    """
    pixels = None
    if image.mode == "RGB" and image.format == "HEIF":
        pixels = of_heif(raw)
    elif image.mode == "RGB" and image.format in {"JPEG", "MPO"} and "progressive" not in image.info:
        pixels = of_jpeg(raw, *image.size)
    icc = image.info.get("icc_profile")
    return pixels if pixels is None or not icc else as_pixels(_srgb(as_image(pixels), icc))


def _plain(image: Image.Image) -> Pixels:
    """Return opaque sRGB pixels, at most as large as the largest rendition."""
    icc = image.info.get("icc_profile")
    return as_pixels(_srgb(_opaque(_eight_bit(fitted(_shrinkable(image), RENDITIONS[0][1]))), icc))


def _shrinkable(image: Image.Image) -> Image.Image:
    """Palettes, bitmaps and key colours cannot be averaged: give such pictures full colours first."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode in {"P", "PA"} or ("transparency" in image.info and not image.mode.startswith("I")):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _eight_bit(image: Image.Image) -> Image.Image:
    if not image.mode.startswith("I"):
        return image
    image.info.pop("transparency", None)
    return image.convert("I").point(lambda value: value * _SIXTEEN_TO_EIGHT).convert("L")


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert to sRGB by the photo's own profile; one that is broken or of another colour model is left aside."""
    if icc:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            if image.mode == "RGB" and ImageCms.getProfileDescription(profile).startswith("sRGB"):
                return image
            converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            converted = None
        image = converted or image
    return image if image.mode == "RGB" else image.convert("RGB")


def _dhash(pixels: Pixels) -> str:
    """Return 64 bits, one per spot: is it brighter than its neighbour? Saving a photo again changes few of them."""
    grey = Image.fromarray(grey_of(pixels)).resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = (grey[row * 9 + column] > grey[row * 9 + column + 1] for row in range(8) for column in range(8))
    return f"{sum(bit << place for place, bit in enumerate(bits)):016x}"
