"""Two of our own renditions side by side, with dates, the verdict and what it is: a JPEG, or the one page of a PDF.

Only renditions that we made and unsealed are read here, never a file as somebody sent it. Nothing names the client.
"""

import io
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PIL import Image, ImageDraw, ImageFont, ImageOps

HIGHEST, WIDEST, GAP, EDGE = 1000, 1400, 40, 60  # pixels
TITLE, TEXT, LINE = 40, 28, 1.45
PAPER, INK, SOFT = (255, 255, 255), (20, 20, 20), (90, 90, 90)
DPI, LETTER = 200, 15  # pixels a letter takes at most
WHAT_IT_IS = "A measurement of a photo series, not a diagnosis."
_SPELLED = str.maketrans({"’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "×": "x", "→": "to"})


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture (JPEG) and the day it was taken."""

    jpeg: bytes
    taken_on: date


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished file and its size in pixels."""

    data: bytes
    size: tuple[int, int]
    media_type: str


def pair(before: Panel, after: Panel, title: str, words: Sequence[str], *, as_pdf: bool) -> Composed:
    """`words`: sentences below the pictures, the verdict first."""
    page = _page(before, after, title, words)
    file = io.BytesIO()
    if as_pdf:
        page.save(file, "PDF", resolution=DPI, title=_spelled(title), producer="", creationDate=None, modDate=None)
        return Composed(file.getvalue(), page.size, "application/pdf")
    page.save(file, "JPEG", quality=90, dpi=(DPI, DPI))
    return Composed(file.getvalue(), page.size, "image/jpeg")


def _page(before: Panel, after: Panel, title: str, words: Sequence[str]) -> Image.Image:
    pictures = [_opened(panel) for panel in (before, after)]
    width = EDGE * 2 + GAP + sum(max(picture.width, WIDEST // 2) for picture in pictures)
    letters = (width - EDGE * 2) // LETTER
    lines = [line for one in [*words, WHAT_IT_IS] for line in textwrap.wrap(_spelled(one), letters)]
    top = EDGE + TITLE * 2
    y = top + HIGHEST + TEXT * LINE * 2
    page = Image.new("RGB", (width, int(y + TEXT * LINE * len(lines) + EDGE)), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(TEXT)
    draw.text((EDGE, EDGE), _spelled(title), INK, ImageFont.load_default(TITLE))
    x = EDGE
    for picture, caption in zip(pictures, _captions(before.taken_on, after.taken_on), strict=True):
        page.paste(picture, (x, top))
        draw.text((x, top + HIGHEST + TEXT // 3), caption, INK, font)
        x += max(picture.width, WIDEST // 2) + GAP
    for number, line in enumerate(lines):
        draw.text((EDGE, y + number * TEXT * LINE), line, SOFT if line == WHAT_IT_IS else INK, font)
    return page


def _opened(panel: Panel) -> Image.Image:
    with Image.open(io.BytesIO(panel.jpeg), formats=["JPEG"]) as file:
        return ImageOps.contain(file.convert("RGB"), (WIDEST, HIGHEST), Image.Resampling.LANCZOS)


def _captions(before: date, after: date) -> tuple[str, str]:
    first, second = (f"{day.day} {day:%B %Y}" for day in (before, after))
    days = (after - before).days
    return first, f"{second}, {abs(days)} days {'later' if days >= 0 else 'earlier'}"


def _spelled(text: str) -> str:
    """The built-in letters are plain ones: accents go."""
    plain = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    return plain.encode("ascii", "ignore").decode()
