"""How much of a region hair covers, as an index: what is darker than an Otsu cut once the lamp's fall-off is gone.

Only where hair is clearly darker than skin. The figures behind the limits are measured on drawn scalps
(`benchmarks.indices`, docs/measurement.md): a person with blond or grey hair gets no number rather than a wrong one.

Logarithms, because a phone's tone curve is close to a power of the light: a power only stretches a logarithm, and
Otsu's cut moves along. On plain luminance the index drifted two to three times as far between phones.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from portal.imaging.light import Floats, Mask, Picture, envelope, linear, luminance

LEAST: Final = 1000  # pixels of a region; fewer are no texture
CLEAR: Final = 0.6  # hair over skin: dark hair 0.3 to 0.6, on dark skin up to 0.7; blond and grey 0.65 and more
FAINT: Final = 0.7  # up to here only where colour tells them apart too:
REDDER: Final = 7.0  # units by which skin is redder than hair: 8 to 18 for dark hair on dark skin, 1 to 7 for blond
DARK: Final = 0.008  # linear luminance of the skin (22 of 255): below it noise decides
BRIGHT: Final = 0.8  # the same: above it red is at its end, and skin and gloss become one
_GRAIN: Final = 0.0006  # of the longer side, smoothed away: grain, sharpening and focus differ between photos
_FLOOR: Final = 0.002
_BINS: Final = 512
_RANGE: Final = (-6.3, 0.6)
_BLOCK: Final = 16  # pixels; JPEG stores colour more coarsely than a hair


@dataclass(frozen=True, slots=True)
class Classes:
    """A region cut in two. `dark`: its pixels below the cut; `ratio`: dark over light luminance, from medians;
    `redder`: by how many units of 100 log10(R/G) the light class is redder than the dark one; `skin`: the light class's
    linear luminance.
    """

    dark: Mask
    ratio: float
    redder: float
    skin: float


def coverage(rgb: Picture, mask: Mask) -> tuple[float | None, str]:
    """Percent of the mask that is hair, or None and why: "no_region", "too_dark", "too_bright", "hair_not_darker".

    An index, not a count: it reads lower than the truth and follows it with a slope below one (docs/measurement.md).
    """
    if int(mask.sum()) < LEAST:
        return None, "no_region"
    cut = classes(rgb, mask)
    if cut.skin < DARK:
        return None, "too_dark"
    if cut.skin > BRIGHT:
        return None, "too_bright"
    if not _apart(cut):
        return None, "hair_not_darker"
    return 100.0 * float(cut.dark[mask].mean()), ""


def _apart(cut: Classes) -> bool:
    """Whether the dark class is hair and the light one skin.

    Skin holds blood and hair does not. A dark class that is the clearly redder one is skin under lighter hair; a little
    darker is enough only where the light class is clearly the redder one.
    """
    if cut.ratio <= CLEAR:
        return cut.redder >= -REDDER
    return cut.ratio <= FAINT and cut.redder >= REDDER


def classes(rgb: Picture, mask: Mask) -> Classes:
    """The mask's pixels in a darker and a lighter class, however little these differ. The mask must not be empty."""
    light = luminance(rgb)
    flat = cv2.GaussianBlur(light / envelope(light, mask), (0, 0), max(0.2, _GRAIN * max(light.shape)))
    depth = np.log(flat + np.float32(_FLOOR))
    values = depth[mask]
    cut = _otsu(values)
    low, high = values[values < cut], values[values >= cut]
    ratio = float(np.exp(np.median(low) - np.median(high))) if len(low) and len(high) else 1.0
    dark = mask & (depth < cut)
    return Classes(dark, ratio, _redder(rgb, mask, dark), float(np.median(light[mask & ~dark])) if len(high) else 0.0)


def _otsu(values: Floats) -> float:
    """The cut between two classes of least variance, on a smoothed histogram so that it moves smoothly."""
    counts, edges = np.histogram(values, _BINS, _RANGE)
    smooth = cv2.GaussianBlur(counts.astype(np.float64)[None], (0, 0), 2)[0]
    middles = (edges[1:] + edges[:-1]) / 2
    share = np.cumsum(smooth) / max(smooth.sum(), 1)
    moment = np.cumsum(smooth * middles) / max(smooth.sum(), 1)
    between = (moment[-1] * share - moment) ** 2 / np.maximum(share * (1 - share), 1e-9)
    return float(edges[int(np.argmax(between)) + 1])


def _redder(rgb: Picture, mask: Mask, dark: Mask) -> float:
    """How much redder skin is than hair: colour of small blocks against the share of hair in them, by least squares."""
    size = (max(2, mask.shape[1] // _BLOCK), max(2, mask.shape[0] // _BLOCK))
    whole = _blocks(mask.astype(np.float32), size) > 0.9  # noqa: PLR2004 - blocks that lie in the mask, but for an edge
    hair, colour = _blocks(dark.astype(np.float32), size)[whole], _blocks(linear(rgb), size)[whole]
    spread = hair - hair.mean() if len(hair) else hair
    if float((spread**2).sum()) < 1e-6:  # noqa: PLR2004 - nothing to tell apart
        return 0.0
    red = 100 * np.log10(np.maximum(colour[:, 0], 1e-4) / np.maximum(colour[:, 1], 1e-4))
    return -float((spread * red).sum() / (spread**2).sum())


def _blocks(picture: Floats, size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
