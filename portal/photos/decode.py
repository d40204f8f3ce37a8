"""Take in one photo from a stranger: say what is wrong with it, or return clean renditions of it.

This side never decodes a pixel: it looks at the first bytes and the name, has the rest done in a caged child, and
checks what comes back as it would check any input.
"""

import json
import re
import struct
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Final
from uuid import UUID

from portal.kit.cage import Cage, Died, TooSlow
from portal.kit.errors import Unavailable
from portal.kit.turns import NoTurn
from portal.photos.filetype import ACCEPTED, FOREIGN, ending_of, has_too_many_scans, kind_of
from portal.photos.quality import Quality
from portal.photos.refusals import MAX_BYTES, SENTENCES, BadPhoto
from portal.photos.views import Region

__all__ = ["ACCEPT", "MAX_BYTES", "BadPhoto", "Decoded", "Rendition", "decode"]

ACCEPT: Final = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"

PATIENCE: Final = 10.0
"""Seconds a person's photo waits until the photos of others are read."""
_BUSY: Final = "We are busy reading other photos, and this one was not taken in. Please send it again in a moment."
_MOST_ANSWER: Final = 32 * 1024 * 1024
_LENGTH: Final = struct.Struct("!I")
_CAGE: Final = Cage(
    "from portal.kit import cage\nfrom portal.photos import pixels\n"
    "pixels.prepare()\ncage.serve(int(sys.argv[2]), pixels.answer)",
)


@dataclass(frozen=True)
class Rendition:
    """A JPEG without metadata: "large" (longest side at most 2048), "medium" (1024), "small" (320). Never enlarged."""

    name: str
    width: int
    height: int
    jpeg: bytes


@dataclass(frozen=True)
class Decoded:
    """What is known of a photo that was taken in. Width and height are the original's, upright."""

    format: str
    width: int
    height: int
    taken_at: datetime | None
    """By the camera's own clock, without a zone; None when the file does not say."""
    taken_offset_minutes: int | None
    """That clock's distance from UTC, where the camera wrote it down."""
    dhash: str
    """16 hexadecimal digits; two files of one photo differ in a few bits at most."""
    renditions: tuple[Rendition, ...]
    quality: Quality | None = None
    """None when no region was asked for."""


def decode(
    raw: bytes,
    filename: str | None = None,
    timeout: float = 30,
    region: Region | None = None,
    whose: UUID | None = None,
) -> Decoded:
    """Decode an uploaded photo in a child process of its own; waits while two others are at work. Raises BadPhoto.

    `timeout` is in seconds, for the child alone. Of the name only its ending counts, where it claims to be no photo at
    all. `region`: where its quality is measured. `whose`: who waits for it; one photo of theirs is read at a time, and
    Unavailable is raised when its turn does not come. None: a job, which waits as long as it takes.
    """
    _refuse_by_looks(raw, filename)
    head = json.dumps({"region": astuple(region) if region else None}).encode()
    try:
        answer = _CAGE.run(
            head,
            raw,
            timeout=timeout,
            most=_MOST_ANSWER,
            whose=whose,
            patience=PATIENCE if whose else None,
        )
    except NoTurn:
        raise Unavailable(_BUSY) from None
    except TooSlow:
        raise BadPhoto("too_slow") from None
    except Died:
        raise BadPhoto("unreadable") from None
    return _distrusted(answer)


def _distrusted(answer: bytes) -> Decoded:
    """Read a child's answer as one reads a stranger's: the child has seen the photo."""
    try:
        return _photo(answer)
    except BadPhoto:
        raise
    except (ValueError, KeyError, TypeError, OverflowError, struct.error):
        raise BadPhoto("unreadable") from None


def _refuse_by_looks(raw: bytes, filename: str | None) -> None:
    if not raw:
        raise BadPhoto("empty")
    if len(raw) > MAX_BYTES:
        raise BadPhoto("too_large")
    kind = kind_of(raw)
    if kind not in ACCEPTED:
        raise _not_accepted(kind)
    if (ending := ending_of(filename)) in FOREIGN:
        raise BadPhoto("name_not_accepted", ending=ending)
    if kind == "JPEG" and has_too_many_scans(raw):
        raise BadPhoto("too_many_scans")


def _not_accepted(kind: str | None) -> BadPhoto:
    if kind is None:
        return BadPhoto("not_an_image")
    return BadPhoto("animated") if kind == "film" else BadPhoto("type_not_accepted", kind=kind)


def _photo(answer: bytes) -> Decoded:
    (length,) = _LENGTH.unpack_from(answer)
    start = _LENGTH.size + length
    head = json.loads(answer[_LENGTH.size : start])
    if "refused" in head:
        raise BadPhoto(head["refused"] if head["refused"] in SENTENCES else "unreadable")
    width, height = (int(side) for side in head["size"])
    if head["format"] not in ACCEPTED or not re.fullmatch("[0-9a-f]{16}", head["dhash"]):
        raise BadPhoto("unreadable")
    taken = _moment(head["taken"])
    return Decoded(
        head["format"],
        width,
        height,
        taken,
        _offset(head["offset"]) if taken else None,
        head["dhash"],
        tuple(_cut(answer, start, head["renditions"])),
        _quality(head["quality"]),
    )


def _quality(numbers: dict[str, Any] | None) -> Quality | None:
    """Only numbers, all of them, and no other names."""
    if numbers is None:
        return None
    if not all(isinstance(value, int | float) and isfinite(value) for value in numbers.values()):
        raise BadPhoto("unreadable")
    return Quality(**numbers)


def _cut(answer: bytes, start: int, sizes: list[Any]) -> list[Rendition]:
    renditions = []
    for name, width, height, length in sizes:
        jpeg = answer[start : start + length]
        renditions.append(Rendition(name, int(width), int(height), jpeg))
        if len(jpeg) != length or not jpeg.startswith(b"\xff\xd8\xff"):
            raise BadPhoto("unreadable")
        start += length
    if [rendition.name for rendition in renditions] != ["large", "medium", "small"]:
        raise BadPhoto("unreadable")
    return renditions


def _moment(text: str | None) -> datetime | None:
    """Read EXIF's "2026:11:22 21:33:00"; cameras without a set clock write zeros or blanks."""
    try:
        return datetime.strptime((text or "").strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - a local clock
    except ValueError:
        return None


def _offset(text: str | None) -> int | None:
    """Read EXIF's "+02:00" as minutes."""
    match = re.fullmatch(r"([+-])(\d{2}):(\d{2})", (text or "").strip("\0 "))
    if not match:
        return None
    minutes = timedelta(hours=int(match[2]), minutes=int(match[3])) // timedelta(minutes=1)
    return -minutes if match[1] == "-" else minutes
