"""Colour arithmetic: one accent, readable everywhere. Contrast after WCAG 2.2, relative luminance of sRGB."""

import colorsys
import re
from dataclasses import dataclass

READABLE = 4.5  # WCAG 2.2, 1.4.3: text of normal size
PAPER, NIGHT = "#f6f1e8", "#1b1815"
_HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Theme:
    """The accent for light and dark pages, each with a stronger tone and the colour of text upon it; hex."""

    accent: str
    strong: str
    on_accent: str
    accent_dark: str
    strong_dark: str
    on_accent_dark: str


def is_colour(text: str) -> bool:
    """True for #rrggbb."""
    return _HEX.fullmatch(text.lower()) is not None


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)  # noqa: PLR2004
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_on(colour: str, ground: str, ratio: float = READABLE) -> str:
    """The colour, moved towards black or white just until it reads on `ground`."""
    step = -0.02 if luminance(ground) > 0.5 else 0.02  # noqa: PLR2004
    hue, light, saturation = colorsys.rgb_to_hls(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))
    while contrast(colour, ground) < ratio and 0 <= light <= 1:
        light += step
        colour = "#" + "".join(
            f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, min(max(light, 0), 1), saturation)
        )
    return colour


def theme(accent: str) -> Theme:
    """Everything derived from the clinic's accent, readable on both grounds."""
    light, dark = readable_on(accent, PAPER, 5), readable_on(accent, NIGHT, 6)
    return Theme(light, readable_on(light, PAPER, 7.5), "#ffffff", dark, readable_on(dark, NIGHT, 8.5), NIGHT)
