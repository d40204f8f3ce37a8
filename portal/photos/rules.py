"""What was said about a photo, and what its date may be."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

OLDEST = timedelta(days=365 * 15)
_EARLIEST = timezone(timedelta(hours=14))  # where a day begins first
_FARTHEST = timedelta(hours=14)
_FAST = timedelta(minutes=10)  # a camera's clock may be a little fast


class DateSource(StrEnum):
    """Who says when a photo was taken."""

    CAMERA = "camera"
    TOLD = "told"
    UNKNOWN = "unknown"


class Wetness(StrEnum):
    """Wet or oily hair clumps and shows more scalp (clinical.md section 5, S41)."""

    DRY = "dry"
    WET = "wet"
    UNKNOWN = "unknown"


class Product(StrEnum):
    """Whether there was product, powder or fibres in the hair."""

    NONE = "none"
    SOME = "some"
    UNKNOWN = "unknown"


class Parting(StrEnum):
    """The parting, compared with the first photo of the view."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


class HairLength(StrEnum):
    """The length of the hair, compared with the first photo of the view."""

    SAME = "same"
    SHORTER = "shorter"
    LONGER = "longer"
    UNKNOWN = "unknown"


HAIR: dict[str, tuple[str, tuple[tuple[StrEnum, str], ...]]] = {
    "wetness": ("Hair", ((Wetness.DRY, "dry"), (Wetness.WET, "wet"), (Wetness.UNKNOWN, "not said"))),
    "product": (
        "Product, powder or fibres",
        ((Product.NONE, "none"), (Product.SOME, "some"), (Product.UNKNOWN, "not said")),
    ),
    "parting": (
        "Parting",
        ((Parting.SAME, "as at first"), (Parting.OTHER, "different"), (Parting.UNKNOWN, "not said")),
    ),
    "length": (
        "Length",
        (
            (HairLength.SAME, "as at first"),
            (HairLength.SHORTER, "shorter"),
            (HairLength.LONGER, "longer"),
            (HairLength.UNKNOWN, "not said"),
        ),
    ),
}
"""What is asked of the hair on a photo: field, label, choices with their words."""


def date_problem(taken_on: date, today: date) -> str | None:
    """Why this cannot be the day a photo was taken, as a sentence, or None."""
    if taken_on > today:
        return "A photo cannot be from the future. Please check the date."
    if taken_on < today - OLDEST:
        return "This is very long ago. Please check the year."
    return None


@dataclass(frozen=True, slots=True)
class Capture:
    """When a photo was taken, as far as anybody says. `at` is aware and None where the hour is not certain; `zone` is
    an offset ("+02:00") or a name ("Europe/Berlin").
    """

    on: date | None = None
    at: datetime | None = None
    zone: str = ""
    source: DateSource = DateSource.UNKNOWN


def capture(camera: datetime | None, offset: int | None, told: date | None, zone: str, now: datetime) -> Capture:
    """When a photo was taken: what the camera says, if it is possible; else the day the person told us; else unknown.

    `camera`: the file's local time, `offset`: that clock's minutes from UTC where the file has them. A clock without an
    offset is read in `zone`, the person's or the clinic's. A camera that lives in the future is not believed.
    """
    if camera is not None and (said := _by_camera(camera, offset, zone, now)):
        return said
    return Capture(told, None, zone, DateSource.TOLD) if told else Capture()


def offset_name(minutes: int) -> str:
    """“+02:00”."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _by_camera(camera: datetime, offset: int | None, zone: str, now: datetime) -> Capture | None:
    if date_problem(camera.date(), now.astimezone(_EARLIEST).date()):
        return None
    if offset is not None and abs(timedelta(minutes=offset)) <= _FARTHEST:
        at = camera.replace(tzinfo=timezone(timedelta(minutes=offset)))
        return Capture(camera.date(), at, offset_name(offset), DateSource.CAMERA) if at <= now + _FAST else None
    at = camera.replace(tzinfo=ZoneInfo(zone))
    # Later than now by our guess of the zone: a traveller's clock, whose hour we do not know.
    return Capture(camera.date(), at if at <= now + _FAST else None, zone, DateSource.CAMERA)
