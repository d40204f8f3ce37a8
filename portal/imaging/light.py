"""Light: bytes to linear light, the lamp's fall-off over a head, and a photo with that fall-off evened out.

The lamp shows in what is bright: between dark hairs the brightest skin of a neighbourhood tells how much light falls
there. That large-scale bright envelope is divided out. Colour is left as it is: guessing a neutral from the picture
(grey-world) made redness far worse in our experiments (clinical.md section 7.3).
"""

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

LEVEL: Final = 0.4  # linear light to which the envelope is brought when nothing else is said
MOST: Final = 3.0  # no corner is lightened more than this: beyond it there is only noise to show
BETWEEN: Final = 0.05  # of the longer side: how far away the brightest skin between hairs may be
AROUND: Final = 0.15  # the same for a picture to be looked at, so that dark hair stays dark
_PRIOR: Final = np.float32(0.01)
_MIDDLE: Final = (0.36, 0.36)  # half axes of what is scalp in every view, in shares; the wall has no say
_SMALL: Final = 160  # pixels of the longer side on which the envelope is found
_TOE: Final = 0.04045
_WEIGHTS: Final = np.array((0.2126, 0.7152, 0.0722), np.float32)


def _decoded() -> Floats:
    """Linear light of each byte of sRGB (IEC 61966-2-1)."""
    share = np.arange(256) / 255
    return np.where(share <= _TOE, share / 12.92, ((share + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR: Final = _decoded()
_LEVELS: Final = 4096


def _encoded() -> Picture:
    light = np.arange(_LEVELS) / (_LEVELS - 1)
    share = np.where(light <= _TOE / 12.92, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * share).astype(np.uint8)


_BYTES: Final = _encoded()


def linear(rgb: npt.NDArray[Any]) -> Floats:
    """Bytes of an sRGB picture as linear light from 0 to 1."""
    return np.asarray(_LINEAR[rgb])


def luminance(rgb: npt.NDArray[Any]) -> Floats:
    """Linear luminance of an sRGB picture, 0 to 1."""
    return np.asarray(linear(rgb) @ _WEIGHTS)


def envelope(light: Floats, mask: Mask, reach: float = BETWEEN) -> Floats:
    """How bright the bright pixels around each place are, smooth; looks only at pixels of the mask.

    Far from the mask it is what is usual in it.
    `reach`: how far it looks, in shares of the longer side.
    """
    height, width = light.shape
    ratio = _SMALL / max(height, width)
    small = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    share = np.maximum(_shrunk(mask.astype(np.float32), small), np.float32(1e-6))
    seen = np.where(share > 0.5, _shrunk(light * mask, small) / share, 0).astype(np.float32)  # noqa: PLR2004 - half
    side = 2 * round(reach * _SMALL) + 1
    bright = np.asarray(cv2.dilate(seen, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))), np.float32)
    weight = (bright > 0).astype(np.float32)
    usual = float(np.median(bright[bright > 0])) if weight.any() else 1.0
    blurred = (_soft(bright, reach) + usual * _PRIOR) / (_soft(weight, reach) + _PRIOR)
    return np.asarray(
        np.maximum(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR), 1e-4), np.float32
    )


def _shrunk(picture: Floats, size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _soft(picture: Floats, reach: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), reach * _SMALL), np.float32)


def level(rgb: Picture) -> float:
    """How bright a photo's bright parts are, in linear light: a baseline's is handed to `evened` with each photo."""
    return float(np.median(_around(rgb)[_middle(rgb)]))


def evened(rgb: Picture, to: float = LEVEL) -> Picture:
    """The photo with its light evened out and its bright parts brought to the level `to`; hue is not touched.

    The same procedure for every photo, so that of a pair both are corrected or none.
    """
    gain = np.minimum(to / _around(rgb), MOST)
    lit = np.clip(linear(rgb) * gain[..., None], 0, 1)
    return np.asarray(_BYTES[(lit * (_LEVELS - 1) + 0.5).astype(np.int32)])


def _around(rgb: Picture) -> Floats:
    return envelope(luminance(rgb), _middle(rgb), AROUND)


def _middle(rgb: Picture) -> Mask:
    height, width = rgb.shape[:2]
    across = ((np.arange(width) + 0.5) / width - 0.5) / _MIDDLE[0]
    down = ((np.arange(height) + 0.5) / height - 0.5) / _MIDDLE[1]
    return np.asarray(across[None] ** 2 + down[:, None] ** 2 <= 1, np.bool_)
