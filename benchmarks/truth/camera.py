"""A phone's photo of a scene: pose, lamp, exposure, tone curve, blur, noise and JPEG, with the truth kept."""

from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.truth.fields import Floats, Pixels, noise
from benchmarks.truth.scene import Scene

_LEVELS: Final = 16384
_COARSE: Final = 8  # pixels between the places of a turned head that are computed exactly
_BALL: Final = 0.8  # radius, in widths of the frame: 12 cm at 0.125 mm a pixel
_TOE: Final = 0.0031308  # below it sRGB is a straight line
_EYE: Final = (40 + 12) / 12  # from the ball's middle, in radii


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo and what is true about it. `to_canvas` maps its pixels to the scene's canvas, exact for a flat head;
    `on_canvas` also where the head was turned in depth.
    """

    scene: Scene
    jpeg: bytes = field(repr=False)
    rgb: npt.NDArray[np.uint8] = field(repr=False)
    to_canvas: npt.NDArray[np.float64]
    tilt: tuple[float, float]
    true_coverage: float
    true_redness: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.rgb.shape[1], self.rgb.shape[0]

    def truth_to(self, other: "Shot") -> npt.NDArray[np.float64]:
        """The 3x3 that lays this photo over another of the same canvas, pixels to pixels; flat heads only."""
        matrix = np.linalg.inv(other.to_canvas) @ self.to_canvas
        return np.asarray(matrix / matrix[2, 2])

    def on_canvas(self, points: Pixels) -> Pixels:
        """Pixels (n, 2) of the photo as places on the canvas, the curve of the head included."""
        return _curved(self.scene, _apply(self.to_canvas, points), self.tilt)


def follow_up(rng: np.random.Generator) -> dict[str, Any]:
    """The pose of a later photo taken free-hand (clinical.md section 7)."""
    return {
        "turn": rng.uniform(-15, 15),
        "scale": rng.uniform(0.8, 1.25),
        "shift": (rng.uniform(-0.08, 0.08), rng.uniform(-0.08, 0.08)),
        "keystone": 0.04,
    }


def ghosted(rng: np.random.Generator) -> dict[str, Any]:
    """The pose of a photo taken over the ghost of an earlier one."""
    return {
        "turn": rng.uniform(-5, 5),
        "scale": rng.uniform(0.93, 1.08),
        "shift": (rng.uniform(-0.03, 0.03), rng.uniform(-0.03, 0.03)),
        "keystone": 0.02,
    }


def mild(rng: np.random.Generator) -> dict[str, Any]:
    """The same room on another day: gains within 4 %, exposure within 0.15 steps."""
    return {"gains": tuple(rng.uniform(0.96, 1.04, 3)), "ev": rng.uniform(-0.15, 0.15)}


def strong(rng: np.random.Generator) -> dict[str, Any]:
    """Another phone: colour, exposure and tone curve, as in clinical.md section 7; the lamp stays."""
    return {
        "gains": tuple(rng.uniform(0.85, 1.18, 3)),
        "ev": rng.uniform(-0.5, 0.5),
        "gamma": rng.uniform(0.7, 1.4),
    }


def elsewhere(rng: np.random.Generator) -> dict[str, Any]:
    """Another phone in another room: the lamp's fall-off, the gloss and the wall are others too."""
    return strong(rng) | {"room": int(rng.integers(1, 1_000_000))}


def photograph(
    scene: Scene,
    *,
    turn: float = 0.0,
    scale: float = 1.0,
    shift: tuple[float, float] = (0.0, 0.0),
    keystone: float = 0.0,
    lean: float = 0.0,
    tilt: tuple[float, float] = (0.0, 0.0),
    gamma: float = 1.0,
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ev: float = 0.0,
    blur: float = 0.7,
    noise: float = 0.012,
    quality: int = 88,
    size: tuple[int, int] | None = None,
    wet: bool = False,
    room: int = 0,
    wall: tuple[float, float, float] | None = None,
    seed: int = 0,
) -> Shot:
    """Take one photo.

    `turn`: degrees in the picture; `scale`: above 1 is nearer; `shift`: shares of the frame; `keystone`: each corner
    moves by up to this share; `lean`: the upper edge sees so much less of the width, as from below; `tilt`: degrees
    the round head turns in depth (about the upright and the level axis); `room`: lamp and wall; `wall`: its linear
    colour instead of the room's; `size`: (width, height), else the frame's.
    """
    rng = np.random.default_rng([scene.seed, seed, 21])
    painted = scene.painted(wet=wet)
    matrix = _pose(scene, turn, scale, shift, _corners(rng, keystone, lean))
    light, head = _seen(scene, painted.light, matrix, tilt), _seen(scene, painted.head, matrix, tilt)
    lit = _lit(scene, light, head, room, wall, rng) * (scene.exposure * 2.0**ev)
    lit = _sensed(lit * np.array(gains, np.float32), blur * scene.fine, noise, rng)
    rgb = _curve(gamma)[np.clip(lit * (_LEVELS - 1), 0, _LEVELS - 1).astype(np.int32)]
    if size and size != scene.frame:
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ _resized(scene.frame, size)
    jpeg = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
    seen = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if seen is None:
        raise RuntimeError("OpenCV does not read its own JPEG.")
    shown = np.ascontiguousarray(seen[..., ::-1], np.uint8)
    return Shot(scene, jpeg, shown, matrix / matrix[2, 2], tilt, painted.coverage, painted.redness)


def _corners(rng: np.random.Generator, keystone: float, lean: float) -> Floats:
    """How far each corner moves, in shares of the frame. Drawn always, so that a seed's noise stays the same."""
    leaning = np.array(((lean / 2, 0), (-lean / 2, 0), (0, 0), (0, 0)))
    return np.asarray(rng.uniform(-1, 1, (4, 2)) * keystone + leaning, np.float32)


def _pose(scene: Scene, turn: float, scale: float, shift: tuple[float, float], corners: Floats) -> Pixels:
    """The 3x3 from the pixels of the photo, at the frame's size, to the canvas."""
    frame = np.array(scene.frame, np.float64)
    square = np.array(((0, 0), (1, 0), (1, 1), (0, 1)), np.float32)
    bent = cv2.getPerspectiveTransform(square * frame.astype(np.float32), (square + corners) * frame.astype(np.float32))
    angle, middle = np.deg2rad(turn), frame / 2
    spin = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle)))) / scale
    moved = np.eye(3)
    moved[:2, :2] = spin
    moved[:2, 2] = middle - spin @ (middle + np.array(shift) * frame)
    return np.asarray(moved @ bent)


def _resized(frame: tuple[int, int], size: tuple[int, int]) -> Pixels:
    """From pixels of the smaller photo to those of the frame; pixels are counted from their middles."""
    ratio = (frame[0] / size[0], frame[1] / size[1])
    return np.array(((ratio[0], 0, (ratio[0] - 1) / 2), (0, ratio[1], (ratio[1] - 1) / 2), (0, 0, 1)), np.float64)


def _seen(scene: Scene, layer: Pixels, matrix: Pixels, tilt: tuple[float, float]) -> Pixels:
    beyond = cv2.BORDER_CONSTANT if scene.kind == "scalp" else cv2.BORDER_REFLECT
    if tilt == (0.0, 0.0):
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        return cv2.warpPerspective(layer, matrix, scene.frame, flags=flags, borderMode=beyond)
    width, height = scene.frame
    x, y = (np.linspace(0, side - 1, side // _COARSE) for side in scene.frame)
    grid = np.stack(np.meshgrid(x, y), 2).reshape(-1, 2)
    coarse = _curved(scene, _apply(matrix, grid), tilt).astype(np.float32).reshape(len(y), len(x), 2)
    across = np.linspace(0, len(x) - 1, width, dtype=np.float32)[None].repeat(height, 0)
    down = np.linspace(0, len(y) - 1, height, dtype=np.float32)[:, None].repeat(width, 1)
    places = cv2.remap(coarse, across, down, cv2.INTER_LINEAR)
    return cv2.remap(layer, places[..., 0], places[..., 1], cv2.INTER_CUBIC, borderMode=beyond)


def _apply(matrix: Pixels, points: Pixels) -> Pixels:
    laid = np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(laid[:, :2] / laid[:, 2:])


def _curved(scene: Scene, places: Pixels, tilt: tuple[float, float]) -> Pixels:
    """Where the turned head shows what lies at these places: a ball seen from 40 cm above it.

    What the straight photo could not see is only roughly drawn, at the rim.
    """
    if tilt == (0.0, 0.0):
        return places
    middle = np.array((0.5, 0.46)) * scene.frame
    radius, eye = _BALL * scene.frame[0], _EYE
    ray = np.concatenate([(places - middle) / radius / (eye - 1), np.full((len(places), 1), -1.0)], axis=1)
    along = (ray**2).sum(1)
    reach = (eye - np.sqrt(np.maximum(eye**2 - along * (eye**2 - 1), 0))) / along
    ball = np.array((0, 0, eye)) + ray * reach[:, None]
    side, nod = np.deg2rad(tilt)
    turned = ball @ np.array(((np.cos(side), 0, -np.sin(side)), (0, 1, 0), (np.sin(side), 0, np.cos(side))))
    turned = turned @ np.array(((1, 0, 0), (0, np.cos(nod), np.sin(nod)), (0, -np.sin(nod), np.cos(nod))))
    depth = np.maximum(eye - turned[:, 2:], 0.5)
    return np.asarray(turned[:, :2] / depth * (eye - 1) * radius + middle)


def _lit(
    scene: Scene, layers: Pixels, head: Pixels, room: int, wall: tuple[float, float, float] | None, rng: Any
) -> Floats:
    """The head in the lamp's light before the room's wall. The room decides the lamp, the shot where the wall is."""
    place = np.random.default_rng([room, 22])
    lamp, glint = _lamp(place, scene.frame), np.maximum(noise(place, scene.frame[::-1], 350 * scene.fine), 0) ** 1.5
    seen = layers.astype(np.float32) / 65535
    shone = seen[..., :3] + (seen[..., 3] * glint * 0.05)[..., None]
    behind = _wall(scene, place, wall, rng)
    share = (cv2.GaussianBlur(head, (0, 0), 1.2 * scene.fine).astype(np.float32) / 255)[..., None]
    return np.asarray((shone * share + behind * (1 - share)) * lamp, np.float32)


def _lamp(place: np.random.Generator, frame: tuple[int, int]) -> Floats:
    """Falls off to one side by up to a third, slightly coloured from side to side."""
    width, height = frame
    angle, fall = place.uniform(0, 6.3), place.uniform(0.1, 0.3)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    along = ((x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle))[..., None]
    tint = place.normal(0, 0.012, 3) * (1, 1, 1.5)
    return np.asarray((1 + fall * along) * (1 + tint * along), np.float32)


def _wall(
    scene: Scene, place: np.random.Generator, colour: tuple[float, float, float] | None, rng: np.random.Generator
) -> Floats:
    """A plain wall with an edge or two, and clothes below; it does not move with the head."""
    width, height = scene.frame
    own = place.uniform(0.25, 0.7) * place.uniform(0.85, 1.1, 3)
    wall = np.empty((height, width, 3), np.float32)
    wall[:] = own if colour is None else colour
    for _ in range(3):
        left = int((place.uniform(0, 1) + rng.normal(0, 0.05)) * width)
        wall[:, left : left + int(place.uniform(10, 120) * scene.fine)] *= place.uniform(0.7, 1.1)
    clothes = np.array(place.uniform(0.02, 0.5, 3) if colour is None else colour)
    wall[int((0.85 + rng.normal(0, 0.02)) * height) :] = clothes
    return wall * (1 + 0.03 * noise(rng, (height, width), 200 * scene.fine))[..., None]


def _sensed(lit: Floats, blur: float, grain: float, rng: np.random.Generator) -> Floats:
    """Blurred by lens and hand, then grain that grows with the root of the light."""
    soft = cv2.GaussianBlur(lit, (0, 0), blur) if blur > 0 else lit
    hiss = rng.standard_normal(soft.shape, dtype=np.float32)
    return np.asarray(soft + hiss * np.sqrt(np.maximum(soft, 0) + 0.002) * grain, np.float32)


def _curve(gamma: float) -> npt.NDArray[np.uint8]:
    """Linear light to bytes: sRGB, then the phone's own tone curve."""
    linear = np.linspace(0, 1, _LEVELS)
    encoded = np.where(linear <= _TOE, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(255 * np.clip(encoded, 0, 1) ** gamma).astype(np.uint8)
