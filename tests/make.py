"""Builders that call services; each says what it makes."""

import io
from datetime import date, datetime

from PIL import Image, ImageDraw

ORIENTATION, TAKEN, GPS = 0x0112, 0x9003, 0x8825


def a_jpeg(
    *,
    taken_at: datetime | None = None,
    gps: bool = False,
    orientation: int = 1,
    shade: int = 120,
    size: tuple[int, int] = (640, 480),
) -> bytes:
    """A small JPEG as a phone would write it: a dark square in the upper left corner of the stored pixels."""
    image = Image.new("RGB", size, (shade, 90, 70))
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 4, size[1] // 4), fill=(10, 10, 10))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    if taken_at:
        exif.get_ifd(0x8769)[TAKEN] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    if gps:
        exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif, quality=85)
    return file.getvalue()


def a_day(text: str) -> date:
    """“2026-03-28” → a date."""
    return date.fromisoformat(text)
