"""How red treated skin is beside untreated skin of the same photo.

The erythema index 100 log10(R/G) in linear light follows the haemoglobin in the skin (clinical.md section 6, S51 to
S53) and, unlike the a* of colour science, nearly as much in dark skin as in light (section 7.3). Colour of lamp and
camera cancels in the difference within a photo. Never balanced by the picture's own mean (grey-world), never across
people.
"""

from typing import Final

import numpy as np

from portal.imaging.coverage import DARK, LEAST, classes
from portal.imaging.light import Mask, Picture, linear

SKIN: Final = 300  # pixels of skin between the hair; fewer say nothing
CLIPPED: Final = 0.1  # share of the skin whose red is at its end: the ratio then reads too low
_END: Final = 250
_FLOOR: Final = 1e-4


def erythema(rgb: Picture, mask: Mask) -> float | None:
    """100 log10(R/G) in linear light, the median over the mask's skin (its lighter class); None without enough skin."""
    skin = _skin(rgb, mask)
    return _index(rgb, skin) if skin is not None else None


def redness(rgb: Picture, treated: Mask, untreated: Mask | None) -> tuple[float | None, str, float | None]:
    """Treated minus untreated skin, why not, and the untreated skin's own figure, in units of 100 log10(R/G).

    Codes: "no_reference_skin" (none shown or hidden), "no_region", "too_dark", "too_bright".
    """
    reference = _skin(rgb, untreated) if untreated is not None else None
    if untreated is None or reference is None:
        return None, "no_reference_skin", None
    skin = _skin(rgb, treated)
    own = _index(rgb, reference)
    if skin is None:
        return None, "no_region", own
    why = _unfit(rgb, skin) or _unfit(rgb, reference)
    return (None, why, own) if why else (_index(rgb, skin) - own, "", own)


def _skin(rgb: Picture, mask: Mask) -> Mask | None:
    if int(mask.sum()) < LEAST:
        return None
    skin = mask & ~classes(rgb, mask).dark
    return skin if int(skin.sum()) >= SKIN else None


def _unfit(rgb: Picture, skin: Mask) -> str:
    if float((rgb[skin][:, :2].max(axis=1) >= _END).mean()) > CLIPPED:
        return "too_bright"
    return "too_dark" if float(np.median(linear(rgb[skin])[:, 1])) < DARK / 2 else ""


def _index(rgb: Picture, skin: Mask) -> float:
    light = np.maximum(linear(rgb[skin]), _FLOOR)
    return 100.0 * float(np.median(np.log10(light[:, 0] / light[:, 1])))
