"""Drawn scalps, and what goes wrong when they are photographed."""

import functools
import io
from datetime import datetime

from PIL import Image, ImageDraw, ImageFilter

from portal.demo import scalp
from portal.photos.views import GUIDES, View
from tests.photos import make_images as make

SIZE = (1200, 1600)
TAKEN = datetime(2026, 3, 14, 9, 26, 53)  # noqa: DTZ001 - a camera's local clock


@functools.cache
def good(view: View = View.CROWN, person: int = 1, shot: int = 1, coverage: float = 0.45) -> Image.Image:
    return scalp.draw(view.value, person_seed=person, shot_seed=shot, coverage=coverage, size=SIZE)


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    return make.saved(image, "JPEG", quality=quality, exif=make.exif(taken=TAKEN.strftime("%Y:%m:%d %H:%M:%S")))


@functools.cache
def undated(view: View = View.CROWN, shot: int = 1) -> bytes:
    """A good photo as a messenger hands it on: nothing is left but the picture."""
    return make.saved(good(view, shot=shot), "JPEG", quality=90)


@functools.cache
def dated(view: View = View.CROWN, shot: int = 1) -> bytes:
    return jpeg(good(view, shot=shot))


def blurred(image: Image.Image, radius: float = 3) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


def focused_behind(image: Image.Image, view: View = View.CROWN) -> Image.Image:
    """The head is out of focus, what lies around it is sharp."""
    region, (width, height) = GUIDES[view].region, image.size
    mask = Image.new("L", image.size)
    across, down = region.across * 1.2 * width, region.down * 1.2 * height
    x, y = region.x * width, region.y * height
    ImageDraw.Draw(mask).ellipse((x - across, y - down, x + across, y + down), fill=255)
    return Image.composite(blurred(image), image, mask.filter(ImageFilter.GaussianBlur(25)))


def lit(image: Image.Image, light: float = 1.0, warmth: float = 1.0) -> Image.Image:
    """With other lamps: gains on light, not on the bent scale a picture is stored in."""
    table: list[int] = []
    for gain in (light * warmth, light, light / warmth):
        table += [min(255, round(value * gain ** (1 / 2.2))) for value in range(256)]
    return image.point(table)


def in_black_hair(image: Image.Image) -> Image.Image:
    """The hair of a client whose hair reflects next to nothing; wall and skin as they were."""
    return image.point([round(value * (0.65 + 0.35 * min(value / 150, 1) ** 2)) for value in range(256)] * 3)


def lawn(size: tuple[int, int] = SIZE) -> Image.Image:
    """A photo of something else: grass in the sun."""
    noise = Image.effect_noise(size, 60).convert("L")
    return Image.merge(
        "RGB", (noise.point([v // 2 for v in range(256)]), noise, noise.point([v // 4 for v in range(256)]))
    )


def noise(size: tuple[int, int]) -> bytes:
    return Image.effect_noise(size, 90).tobytes()


def reopened(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(raw)).convert("RGB")
