"""What is done to a photo and its baseline. Runs in a caged child only (`portal.kit.cage`): bytes in, bytes out.

A frame is a length, a JSON head of that length, then JPEG files one after the other; the head says how long each is.
Question: {"job": "measure" | "register", "region", "skin", "landmarks", "given", "parts"}, photo, perhaps the baseline.
Answer: {"fit", "indices", "parts"}, perhaps the aligned and the evened picture; or {"refused": code}.
"""

import json
import struct
from dataclasses import asdict
from typing import Any, Final

import cv2
import numpy as np

from portal.imaging import features, fitting, light, pictures
from portal.imaging.coverage import coverage
from portal.imaging.curve import Curve
from portal.imaging.measured import Ellipse, Fit, Found, Indices
from portal.imaging.pictures import Mask, Picture, Unreadable
from portal.imaging.redness import redness

_LENGTH: Final = struct.Struct("!I")
_SHORTEST: Final = 16  # pixels of a side; a smaller picture shows nothing that could be measured
_NOT_ALIGNED: Final = Indices(None, "not_aligned", None, "not_aligned", None, {})


def answer(raw: bytes) -> bytes:
    """Answer one question; what cannot be answered is refused in one word."""
    cv2.setRNGSeed(1)  # the same question has the same answer
    try:
        return _framed(*_answered(*_parts(raw)))
    except Unreadable:
        return _framed({"refused": "unreadable"}, [])
    except MemoryError:
        return _framed({"refused": "too_much_memory"}, [])
    except Exception:  # noqa: BLE001 - OpenCV raises anything at all on strange pictures
        return _framed({"refused": "failed"}, [])


def _parts(raw: bytes) -> tuple[dict[str, Any], list[bytes]]:
    (length,) = _LENGTH.unpack_from(raw)
    at = _LENGTH.size + length
    question, parts = json.loads(raw[_LENGTH.size : at]), []
    for size in question["parts"]:
        parts.append(raw[at : at + size])
        at += size
    return question, parts


def _framed(head: dict[str, Any], parts: list[bytes]) -> bytes:
    text = json.dumps(head | {"parts": [len(part) for part in parts]}).encode()
    return b"".join((_LENGTH.pack(len(text)), text, *parts))


def _answered(question: dict[str, Any], parts: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    photo, *rest = [_picture(part) for part in parts]
    baseline = rest[0] if rest else photo
    region = Ellipse(*question["region"])
    fit, bend = _fit(question, photo, baseline, region) if rest else (fitting.ITSELF, None)
    if question["job"] == "register":
        return {"fit": asdict(fit)}, []
    if fit.found is not Found.ALIGNED or fit.matrix is None:
        return {"fit": asdict(fit), "indices": asdict(_NOT_ALIGNED)}, []
    laid, shown = pictures.warped(photo, fit.matrix, pictures.size(baseline), bend.bent if bend else None)
    skin = Ellipse(*question["skin"]) if question["skin"] else None
    evened = light.evened(laid, light.level(baseline))
    evened[~shown] = pictures.NOWHERE
    indices = _indices(laid, shown, region, skin)
    return {"fit": asdict(fit), "indices": asdict(indices)}, [pictures.encoded(laid), pictures.encoded(evened)]


def _picture(jpeg: bytes) -> Picture:
    picture = pictures.decoded(jpeg)
    if min(pictures.size(picture)) < _SHORTEST:
        raise Unreadable
    return picture


def _fit(question: dict[str, Any], photo: Picture, baseline: Picture, region: Ellipse) -> tuple[Fit, Curve | None]:
    aspects = pictures.aspect(photo), pictures.aspect(baseline)
    if question["landmarks"]:
        return fitting.by_landmarks(question["landmarks"], region, aspects), None
    if question["given"]:
        return fitting.given(question["given"], region, aspects), None
    if np.array_equal(photo, baseline):  # also where neither shows anything that could be found again
        return fitting.ITSELF, None
    dim = pictures.grey(photo)
    return fitting.by_features(dim, features.find(dim, region), fitting.ground(baseline, region))


def _indices(laid: Picture, shown: Mask, region: Ellipse, skin: Ellipse | None) -> Indices:
    """Both indices where the photo shows the baseline's region."""
    treated = pictures.mask(region, laid) & shown
    untreated = pictures.mask(skin, laid) & shown if skin else None
    share, why = coverage(laid, treated)
    red, why_not, own = redness(laid, treated, untreated)
    numbers = {
        "pixels": float(treated.sum()),
        "luma": float(np.median(pictures.grey(laid)[treated] if treated.any() else 0)),
    }
    return Indices(share, why, red, why_not, own, numbers)
