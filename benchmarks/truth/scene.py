"""A head before anybody photographs it: skin, hair and what is true about them, on a canvas.

The canvas is as large as the photo, the head lies wholly inside, and what a moved photo sees beyond is wall.
"""

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, Literal

import cv2
import numpy as np

from benchmarks.truth import hair as hairs
from benchmarks.truth.fields import Floats, Pixels, inside, level, noise
from portal.imaging.measured import Ellipse

FRAME: Final = (1200, 1600)  # the photo that `fine` 1 stands for: 0.125 mm a pixel
EI_PER_ABSORBANCE: Final = 220.0  # blood takes 2.45 of green for 0.25 of red

Skin = Literal["light", "medium", "brown", "dark"]
Hair = Literal["dark", "blond", "grey"]
ViewName = Literal["front", "crown", "temple"]
_SKIN: Final = {"light": (0.76, 0.48, 0.35), "medium": (0.57, 0.30, 0.19), "brown": (0.27, 0.117, 0.058)} | {
    "dark": (0.095, 0.042, 0.025)
}
_HAIR: Final = {"dark": (0.030, 0.022, 0.017), "blond": (0.46, 0.32, 0.17), "grey": (0.50, 0.48, 0.46)}
_EXPOSURE: Final = {"light": 0.75, "medium": 0.9, "brown": 1.25, "dark": 1.8}  # a phone brightens a dark head
_SURFACE: Final = 0.012  # light sent back before it enters the skin, without its colour
_HAEMOGLOBIN: Final = np.array((0.25, 2.45, 1.9), np.float32)
_MELANIN: Final = np.array((0.7, 1.0, 1.5), np.float32)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie in the frame, in shares of it. Hair grows where `line(x)` is below y, or beside it."""

    whorl: tuple[float, float]
    region: Ellipse
    skin: Ellipse
    hairline: float
    sideways: bool = False


LAYOUTS: Final[dict[str, Layout]] = {
    "front": Layout((0.5, 0.12), Ellipse(0.5, 0.34, 0.28, 0.14), Ellipse(0.5, 0.62, 0.16, 0.05), 0.53),
    "crown": Layout((0.5, 0.46), Ellipse(0.5, 0.48, 0.26, 0.20), Ellipse(0.5, 0.83, 0.16, 0.03), 0.77),
    "temple": Layout(
        (0.86, 0.10), Ellipse(0.55, 0.40, 0.22, 0.16), Ellipse(0.22, 0.55, 0.08, 0.08), 0.34, sideways=True
    ),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """The recipe of a scene; equal recipes are painted once. `kind` "thing": no scalp at all."""

    seed: int
    density: float = 1.0
    redness: float = 0.0
    skin: Skin = "light"
    hair: Hair = "dark"
    comb: int = 0
    recombed: float = 1.0
    where: Literal["everywhere", "centre"] = "everywhere"
    view: ViewName = "front"
    bald: bool = False
    full: bool = False
    moles: int = 10
    kind: Literal["scalp", "thing"] = "scalp"
    frame: tuple[int, int] = FRAME

    @property
    def layout(self) -> Layout:
        return LAYOUTS[self.view]

    @property
    def region(self) -> Ellipse:
        """What is measured, in shares of a photo taken without any change of pose, and of the canvas."""
        return self.layout.region

    @property
    def untreated(self) -> Ellipse:
        """Skin that nobody treats, in shares of the same photo."""
        return self.layout.skin

    @property
    def fine(self) -> float:
        return self.frame[0] / FRAME[0]

    @property
    def exposure(self) -> float:
        return _EXPOSURE[self.skin] if self.kind == "scalp" else 0.8

    def painted(self, *, wet: bool = False) -> "Painted":
        return _painted(self, wet)


@dataclass(frozen=True, slots=True)
class Painted:
    """`light`: linear RGB and gloss as 16 bits, on the canvas. `head`: 255 where the head is.

    `coverage`: percent of the region covered by hair. `redness`: 100 log10(R/G) of the region's skin minus that of the
    untreated skin, both as they are under the hair.
    """

    light: Pixels = field(repr=False)
    head: Pixels = field(repr=False)
    coverage: float
    redness: float


def scalp(
    seed: int,
    *,
    density: float = 1.0,
    redness: float = 0.0,
    skin: Skin = "light",
    hair: Hair = "dark",
    comb: int = 0,
    recombed: float = 1.0,
    where: Literal["everywhere", "centre"] = "everywhere",
    view: ViewName = "front",
    bald: bool = False,
    full: bool = False,
    moles: int = 10,
    frame: tuple[int, int] = FRAME,
) -> Scene:
    """A person's head. `density` and `redness` (absorbance) change the treated region only; `comb` 0 is the first day's
    combing, another number re-combs the share `recombed` of the locks. `bald`: no hair; `full`: none is missing.
    """
    return Scene(seed, density, redness, skin, hair, comb, recombed, where, view, bald, full, moles, "scalp", frame)


def thing(seed: int, *, frame: tuple[int, int] = FRAME) -> Scene:
    """Something that is no scalp: tiles, stripes, a page, round things."""
    return Scene(seed, kind="thing", frame=frame)


@lru_cache(maxsize=8)
def _painted(scene: Scene, wet: bool) -> Painted:  # noqa: FBT001 - lru_cache wants plain arguments
    return _thing(scene) if scene.kind == "thing" else _scalp(scene, wet=wet)


def _scalp(scene: Scene, *, wet: bool) -> Painted:
    x, y = _places(scene)
    head = level(Ellipse(0.5, 0.46, 0.45, 0.44), x, y) <= 1
    skin = _skin(scene, x, y)
    layers = _hair(scene, x, y, head, wet=wet)
    alpha = layers[..., 0]
    shadow = 1 - 0.35 * np.roll(cv2.GaussianBlur(alpha, (0, 0), 3 * scene.fine), round(3 * scene.fine), (0, 1))
    colour = np.array(_HAIR[scene.hair], np.float32) * (0.6 if wet else 1.0)
    light = skin * (shadow * (1 - alpha))[..., None] + layers[..., 1:2] * colour
    gloss = layers[..., 2:3] * (1.6 if wet else 1.0)
    packed = np.concatenate([light, gloss * 0.5], axis=2)
    treated, untreated = inside(scene.region, scene.frame), inside(scene.untreated, scene.frame)
    return Painted(
        (np.clip(packed, 0, 1) * 65535).astype(np.uint16),
        head.astype(np.uint8) * 255,
        100 * float(alpha[treated].mean()),
        _erythema(skin[treated]) - _erythema(skin[untreated]),
    )


def _places(scene: Scene) -> tuple[Pixels, Pixels]:
    """The canvas's pixels in shares of it: a row of x, a column of y."""
    width, height = scene.frame
    x, y = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    return (x + 0.5) / width, (y + 0.5) / height


def _skin(scene: Scene, x: Pixels, y: Pixels) -> Floats:
    rng = np.random.default_rng([scene.seed, 11, *_view(scene)])
    shape, fine = scene.frame[::-1], scene.fine
    melanin = 0.012 * noise(rng, shape, 40 * fine) + 0.014 * noise(rng, shape, 2)
    blood = 0.004 * noise(rng, shape, 120 * fine) + 0.004 * noise(rng, shape, 9 * fine) + rng.uniform(-0.004, 0.01)
    treated = np.clip(1.9 - level(scene.region, x, y) * 1.2, 0, 1)
    blood += scene.redness * treated
    for _ in range(scene.moles):
        across, down, size = rng.uniform(0.12, 0.88), rng.uniform(0.08, 0.85), rng.uniform(2.5, 6) / FRAME[0]
        away = np.hypot(x - across, (y - down) * scene.frame[1] / scene.frame[0])
        melanin += rng.uniform(0.15, 0.4) / (1 + np.exp(np.clip((away - size) * 2200, -30, 30)))
    blood, melanin = blood.astype(np.float32), melanin.astype(np.float32)
    channels = [
        share * cv2.exp(-math.log(10) * (blood * _HAEMOGLOBIN[channel] + melanin * _MELANIN[channel])) + _SURFACE
        for channel, share in enumerate(_SKIN[scene.skin])
    ]
    return np.asarray(cv2.merge(channels), np.float32)


def _hair(scene: Scene, x: Pixels, y: Pixels, head: Pixels, *, wet: bool) -> Floats:
    if scene.bald:
        return np.zeros((*head.shape, 3), np.float32)
    rng = np.random.default_rng([scene.seed, 12, *_view(scene)])
    depth = 0.0 if scene.full else rng.uniform(0.6, 0.95)
    middle = replace(scene.region, across=scene.region.across * 1.15, down=scene.region.down * 1.15)
    thin = np.exp(-(level(middle, x, y) ** 2))
    wobble = 0.02 * noise(rng, scene.frame[::-1], 90 * scene.fine)
    edge = (x - scene.layout.hairline) if scene.layout.sideways else (scene.layout.hairline - 0.3 * (x - 0.5) ** 2 - y)
    grows = head * np.clip((edge + wobble) * 14, 0, 1)
    wanted = np.clip(grows * (1 - depth * thin) * (1 + (scene.density - 1) * thin), 0, 1)
    whorl = tuple((np.array(scene.layout.whorl) + rng.normal(0, 0.03, 2)) * scene.frame)
    only = inside(scene.region, scene.frame) if scene.where == "centre" else None
    own = hairs.growth(scene.seed * 16 + _view(scene)[0], head, scene.fine)
    comb = hairs.Comb(scene.comb, scene.recombed, only)
    return hairs.layers(own, comb, (whorl[0], whorl[1]), wanted, scene.fine, 2.0 if wet else 1.0)


def _view(scene: Scene) -> tuple[int]:
    return (list(LAYOUTS).index(scene.view),)


def _erythema(skin: Pixels) -> float:
    return 100 * math.log10(float(np.median(skin[:, 0] / skin[:, 1])))


def _thing(scene: Scene) -> Painted:
    rng = np.random.default_rng([scene.seed, 13])
    width, height = scene.frame
    picture = np.full((height, width, 3), rng.integers(90, 220, 3), np.uint8)
    kind, step = scene.seed % 4, int(rng.integers(40, 120) * scene.fine)
    for top in range(0, height, step):
        for left in range(0, width, step):
            _mark(picture, rng, kind, (left, top), step)
    linear = (picture.astype(np.float32) / 255) ** 2.2 + 0.03 * noise(rng, (height, width), 3)[..., None]
    packed = np.concatenate([linear, np.zeros((height, width, 1), np.float32)], axis=2)
    whole = np.full((height, width), 255, np.uint8)
    return Painted((np.clip(packed, 0, 1) * 65535).astype(np.uint16), whole, 0.0, 0.0)


def _mark(picture: Pixels, rng: np.random.Generator, kind: int, place: tuple[int, int], step: int) -> None:
    """One tile, stripe, disc or letter."""
    (left, top), colour = place, tuple(float(part) for part in rng.integers(20, 250, 3))
    if kind == 0:
        cv2.rectangle(picture, place, (left + step - 6, top + step - 6), colour, -1)
    elif kind == 1:
        cv2.line(picture, place, (left + 3 * step, top + int(rng.integers(0, step))), colour, max(2, step // 6))
    elif kind == 2:  # noqa: PLR2004 - the third kind
        cv2.circle(picture, place, int(rng.integers(step // 4, step)), colour, -1, cv2.LINE_AA)
    else:
        letter = chr(int(rng.integers(65, 91)))
        cv2.putText(picture, letter, place, cv2.FONT_HERSHEY_SIMPLEX, step / 40, (20.0, 20.0, 20.0), 2, cv2.LINE_AA)
