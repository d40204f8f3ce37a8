"""How good a photo is, as numbers, and what to do better, in words. The numbers are measured by `photos.measuring`.

Limits: clinical.md section 5, tuned on drawn scalps and real phones' photos (`tests/photos/test_quality.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SOFTER: Final = 0.4
BLURRED: Final = 0.6
"""How much less sharp than the last accepted photo of the view, in natural logarithms: told, and asked to retake."""
FIRST_SOFT: Final = 0.28
FIRST_BLURRED: Final = 0.2
FOCUSED: Final = 0.35
"""Without an earlier photo the detail decides: sharp photos of ten phones lie above 0.28, blurred ones below 0.18."""
DARKEST: Final = 45.0
BRIGHTEST: Final = 215.0
BLACK: Final = 25.0
LIT: Final = 120.0
CLIPPED: Final = 0.03
DARK: Final = 0.10
SHORT_SIDE: Final = 1200
WARM: Final = 75.0
COLD: Final = -10.0
WALL: Final = 50.0
OTHER_LIGHT: Final = 12.0
SUBJECT: Final = 0.2
MILD: Final = frozenset({"soft", "small", "colour"})
"""Faults that are told and nothing more: such a photo is worth keeping."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Measured in the view's region on the medium rendition, longest side about 1000 pixels; luma from 0 to 255.

    `detail`: variance of the Laplacian over the one at half the size. `sharpness`: its natural logarithm; two photos
    of a view differ in it by their blur and hardly by how much hair there is. `luma`: median. `clipped`, `dark`: shares
    of pixels above 247 and below 8. `cast`: 100 log10(R/B) of the median colour in linear light. `short_side`: pixels
    of the original. `subject`: share of pixels that have the colour of skin or hair. Of what lies around the region:
    `around`: its detail (0 where the region is sharp), `wall`: its cast. `bright`: 95 of 100 pixels of the whole
    picture have less luma.
    """

    sharpness: float
    detail: float
    luma: float
    clipped: float
    dark: float
    cast: float
    short_side: int
    subject: float
    around: float = 0.0
    wall: float = 0.0
    bright: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that could be better: a code that is stored, a sentence that says what to do."""

    code: str
    sentence: str

    @property
    def is_mild(self) -> bool:
        return self.code in MILD


SENTENCES: Final = {
    "blurred": "The hair is not sharp. Hold the phone still, or rest your elbows.",
    "background": "The camera focused on what is behind your head. Tap on the hair on the screen, then take the photo.",
    "soft": "The hair could be sharper. Wipe the lens, and hold the phone still.",
    "dark": "It is too dark to see the scalp. Go nearer to a window, or switch on another lamp.",
    "bright": "Parts of the hair or scalp are blown out. Turn away from the sun or lamp, and leave the flash off.",
    "colour": "The light has a strong colour. Use daylight or a white lamp, the same one each time.",
    "small": f"The picture is small: its shorter side has less than {SHORT_SIDE:,} pixels. Send the photo your camera"
    " saved, not a copy from a messenger.",
}


def faults(quality: Quality, previous: Quality | None) -> tuple[Fault, ...]:
    """What could be better, the worst first; `previous`: the client's last accepted photo of the same view."""
    codes = [*_unsharp(quality, previous), *_ill_lit(quality), *_coloured(quality, previous)]
    if quality.short_side < SHORT_SIDE:
        codes.append("small")
    return tuple(told(codes))


def told(codes: list[str]) -> list[Fault]:
    """Stored codes with their sentences; a code of an older version that is not known any more is left out."""
    return [Fault(code, SENTENCES[code]) for code in codes if code in SENTENCES]


def is_something_else(quality: Quality) -> bool:
    """Whether hardly anything in the region has a colour that skin or hair may have, under any usual lamp."""
    return quality.subject < SUBJECT


def _unsharp(quality: Quality, previous: Quality | None) -> Iterator[str]:
    less = previous.sharpness - quality.sharpness if previous else 0.0
    if less > BLURRED or quality.detail < FIRST_BLURRED:
        yield "background" if quality.around > max(FOCUSED, 2 * quality.detail) else "blurred"
    elif less > SOFTER or (previous is None and quality.detail < FIRST_SOFT):
        yield "soft"


def _ill_lit(quality: Quality) -> Iterator[str]:
    """Black hair in good light has a median below 45 as well: then something else in the picture is bright."""
    too_little = quality.luma < (DARKEST if quality.bright < LIT else BLACK)
    if too_little or quality.dark >= DARK:
        yield "dark"
    elif quality.luma > BRIGHTEST or quality.clipped >= CLIPPED:
        yield "bright"


def _coloured(quality: Quality, previous: Quality | None) -> Iterator[str]:
    """Compared with the photo before; without one only what tints head and wall alike, since red hair is no lamp."""
    warm = quality.cast > WARM and quality.wall > WALL
    cold = quality.cast < COLD and quality.wall < COLD
    if warm or cold or (previous and abs(quality.cast - previous.cast) > OTHER_LIGHT):
        yield "colour"
