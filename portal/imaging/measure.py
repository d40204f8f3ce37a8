"""Ask the caged child how a photo lies over its baseline, and what it shows there.

This side sees no pixel: it sends two JPEG files and a few numbers, and checks the answer as one checks a stranger's.
"""

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any, Final

from portal.imaging.measured import Ellipse, Fit, Found, Indices, Matrix, Measured, Point
from portal.kit.cage import Cage, Died, TooSlow

__all__ = ["NotMeasured", "measure", "register"]

METHODS: Final = frozenset({"", "itself", "sift", "sift+curve", "brightness", "landmarks", "given"})
WHY: Final = frozenset(
    {"", "hair_not_darker", "no_reference_skin", "no_region", "too_dark", "too_bright", "not_aligned"}
)
FEWEST_TAPS: Final = 3

_MOST_ANSWER: Final = 8 * 1024 * 1024
_MEMORY: Final = 768 << 20  # 576 were enough for two square pictures of nothing but texture, 512 too few
_LENGTH: Final = struct.Struct("!I")
_JPEG: Final = b"\xff\xd8\xff"
_MOST_NUMBERS: Final = 20
_MOST_INLIERS: Final = 1_000_000
_FURTHEST: Final = 1000.0  # no index is further from nought
_MATRIX: Final = 9
_CAGE: Final = Cage(
    "from portal.kit import cage\n"
    "from portal.imaging import child, pictures\n"
    "pictures.prepare()\n"
    f"cage.serve(int(sys.argv[2]), child.answer, {_MEMORY})",
    slots=1,  # a worker's job, not a page's: the other processor is for people
)


class NotMeasured(Exception):  # noqa: N818 - an outcome; it may be tried again
    """No answer: too slow, out of memory, or bytes that are no picture. `code` says which."""

    def __init__(self, code: str = "died") -> None:
        super().__init__(code)
        self.code = code


def measure(
    photo: bytes,
    baseline: bytes | None,
    region: Ellipse,
    skin: Ellipse | None,
    landmarks: tuple[Sequence[Point], Sequence[Point]] | None = None,
    given: Matrix | None = None,
    timeout: float = 60,
) -> Measured:
    """How a photo lies over its baseline, both indices, and its picture in the baseline's frame. Raises NotMeasured.

    `photo`, `baseline`: JPEG, best of 1024 pixels; without a baseline the photo is its own. `region` (what is measured)
    and `skin` (untreated) lie in the baseline. `landmarks`: three or more points tapped on the photo and as many
    on the baseline, in shares of width and height; `given`: a matrix to be used as it is. Either comes instead of
    looking for features, and what cannot be meant is NOT_ALIGNED. `timeout`: seconds, not counting the wait for a turn.
    """
    _check_taps(landmarks)
    question = {
        "job": "measure",
        "region": astuple(region),
        "skin": astuple(skin) if skin else None,
        "landmarks": landmarks,
        "given": given,
    }
    head, parts = _asked(question, [photo, baseline] if baseline is not None else [photo], timeout)
    try:
        return _measured(head, parts)
    except (ValueError, KeyError, TypeError, OverflowError) as nonsense:
        raise NotMeasured("nonsense") from nonsense


def register(photo: bytes, baseline: bytes, region: Ellipse, timeout: float = 60) -> Fit:
    """Only how a photo lies over a baseline; see `measure`. Raises NotMeasured."""
    question = {"job": "register", "region": astuple(region), "skin": None, "landmarks": None, "given": None}
    head, _ = _asked(question, [photo, baseline], timeout)
    try:
        return _fit(head["fit"])
    except (ValueError, KeyError, TypeError, OverflowError) as nonsense:
        raise NotMeasured("nonsense") from nonsense


def _check_taps(landmarks: tuple[Sequence[Point], Sequence[Point]] | None) -> None:
    if landmarks and (len(landmarks[0]) != len(landmarks[1]) or len(landmarks[0]) < FEWEST_TAPS):
        raise ValueError("As many points on the baseline as on the photo, and three at least.")


def _asked(question: dict[str, Any], pictures: list[bytes], timeout: float) -> tuple[dict[str, Any], list[bytes]]:
    if not all(picture.startswith(_JPEG) for picture in pictures):
        raise NotMeasured("unreadable")
    text = json.dumps(question | {"parts": [len(picture) for picture in pictures]}).encode()
    raw = b"".join((_LENGTH.pack(len(text)), text, *pictures))
    try:
        answer = _CAGE.run(raw, timeout=timeout, most=_MOST_ANSWER)
    except TooSlow:
        raise NotMeasured("too_slow") from None
    except Died:
        raise NotMeasured("died") from None
    return _opened(answer)


def _opened(answer: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The head of an answer and its JPEG files."""
    try:
        (length,) = _LENGTH.unpack_from(answer)
        at = _LENGTH.size + length
        head, parts = json.loads(answer[_LENGTH.size : at]), []
        for size in head["parts"]:
            parts.append(answer[at : at + size])
            at += len(parts[-1])
    except (ValueError, KeyError, TypeError, struct.error):
        raise NotMeasured("nonsense") from None
    if "refused" in head:
        raise NotMeasured(str(head["refused"])[:20])
    if at != len(answer) or not all(part.startswith(_JPEG) for part in parts):
        raise NotMeasured("nonsense")
    return head, parts


def _measured(head: dict[str, Any], parts: list[bytes]) -> Measured:
    fit = _fit(head["fit"])
    if len(parts) != (2 if fit.found is Found.ALIGNED else 0):
        raise ValueError("Two pictures of an aligned photo, none of another.")
    aligned, evened = parts or (None, None)
    return Measured(fit, _indices(head["indices"]), aligned, evened)


def _fit(head: dict[str, Any]) -> Fit:
    matrix = None if head["matrix"] is None else _matrix(head["matrix"])
    found, method, inliers = Found(head["found"]), head["method"], int(head["inliers"])
    if method not in METHODS or not 0 <= inliers <= _MOST_INLIERS:
        raise ValueError("No method of ours.")
    if (matrix is None) != (found is Found.NOT_ALIGNED):
        raise ValueError("A matrix where there is a fit.")
    return Fit(found, method, matrix, inliers, _number(head["residual"], 0, 1), _number(head["overlap"], 0, 1))


def _matrix(numbers: list[float]) -> Matrix:
    if len(numbers) != _MATRIX or not all(math.isfinite(number) for number in numbers):
        raise ValueError("Nine finite numbers.")
    a, b, c, d, e, f, g, h, i = (float(number) for number in numbers)
    return a, b, c, d, e, f, g, h, i


def _indices(head: dict[str, Any]) -> Indices:
    if head["coverage_why"] not in WHY or head["redness_why"] not in WHY or len(head["numbers"]) > _MOST_NUMBERS:
        raise ValueError("No reason of ours.")
    numbers = {str(name)[:40]: _number(value, -1e9, 1e9) for name, value in head["numbers"].items()}
    return Indices(
        _number(head["coverage"], 0, 100),
        head["coverage_why"],
        _number(head["redness"], -_FURTHEST, _FURTHEST),
        head["redness_why"],
        _number(head["skin"], -_FURTHEST, _FURTHEST),
        {name: value for name, value in numbers.items() if value is not None},
    )


def _number(value: Any, least: float, most: float) -> float | None:
    """A finite number between both, or None. Raises ValueError."""
    if value is None:
        return None
    if not isinstance(value, (int, float)) or not least <= value <= most:
        raise ValueError("No such number.")
    return float(value)
