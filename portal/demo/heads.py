"""Six views of a head as a few soft shapes: where hair grows, which way it lies, where it is thin.

Positions are complex numbers: 0 is the top left corner, the picture is 1 wide and 4/3 high, angles turn clockwise.
"""

from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, cos, exp, hypot, pi, sin
from typing import Final

Field = Callable[[complex], float]


@dataclass(frozen=True)
class Ellipse:
    centre: complex
    across: float
    down: float

    def at(self, z: complex) -> float:
        """0 in the centre, 1 on the line, more outside."""
        d = z - self.centre
        return hypot(d.real / self.across, d.imag / self.down)


@dataclass(frozen=True)
class Head:
    """`hair` and `thinning` run from 0 to 1; `flow` is the angle hair points to; `treated` is a box to measure in."""

    outline: Ellipse
    hair: Field
    thinning: Field
    flow: Field
    treated: tuple[float, float, float, float]
    length: float = 0.1
    skin: tuple[Ellipse, ...] = ()
    """Ears and neck: seen behind the head, and without hair."""
    mirrored: bool = False


def rise(value: float, start: float, end: float) -> float:
    """0 up to `start`, 1 from `end` on, smooth between."""
    if value <= start:
        return 0.0
    if value >= end:
        return 1.0
    part = (value - start) / (end - start)
    return part * part * (3 - 2 * part)


def _line(*points: tuple[float, float]) -> Callable[[float], float]:
    """A line through points, as a function of their first number."""
    keys = [point[0] for point in points]

    def at(key: float) -> float:
        place = min(max(bisect(keys, key), 1), len(points) - 1)
        (before, low), (after, high) = points[place - 1], points[place]
        return low + (high - low) * rise(key, before, after)

    return at


def _disc(centre: complex, inner: float, outer: float) -> Field:
    return lambda z: 1 - rise(abs(z - centre), inner, outer)


def _crown() -> Head:
    whorl = 0.51 + 0.56j

    def flow(z: complex) -> float:
        d = z - whorl
        return atan2(d.imag, d.real) + 1.15 * exp(-abs(d) / 0.35)

    return Head(
        Ellipse(0.5 + 0.69j, 0.56, 0.72),
        lambda _: 1.0,
        _disc(whorl, 0.12, 0.4),
        flow,
        (0.36, 0.42, 0.66, 0.7),
    )


def _midline() -> Head:
    def parting(z: complex) -> float:
        return z.real - 0.5 - 0.012 * sin(7 * z.imag)

    def hair(z: complex) -> float:
        front = 1 - rise(z.imag + 0.7 * (z.real - 0.5) ** 2, 1.14, 1.24)
        return front * (0.4 + 0.6 * rise(abs(parting(z)), 0.002, 0.02))

    def thinning(z: complex) -> float:
        return exp(-((parting(z) / (0.1 + 0.09 * rise(z.imag, 0.4, 1.0))) ** 2))

    def flow(z: complex) -> float:
        tilt = 0.3 + 0.35 * rise(z.imag, 0.5, 1.1)
        return tilt if parting(z) > 0 else pi - tilt

    outline = Ellipse(0.5 + 0.72j, 0.6, 0.74)
    return Head(outline, hair, thinning, flow, (0.4, 0.35, 0.6, 1.0), length=0.2)


def _front() -> Head:
    def line(z: complex) -> float:
        aside = abs(z.real - 0.5)
        corner = 0.13 * exp(-(((aside - 0.29) / 0.11) ** 2))
        return 0.86 - corner + 2.2 * max(0.0, aside - 0.42) + 0.006 * sin(43 * z.real)

    return Head(
        Ellipse(0.5 + 0.86j, 0.58, 0.84),
        lambda z: rise(line(z) - z.imag, -0.02, 0.09),
        lambda z: 1 - rise(line(z) - z.imag, 0.2, 0.5),
        lambda z: -pi / 2 + (z.real - 0.5) * 1.3 + 0.25,
        (0.3, 0.5, 0.7, 0.74),
    )


def _temple(*, mirrored: bool) -> Head:
    line = _line((0.0, 0.12), (0.3, 0.2), (0.52, 0.4), (0.78, 0.34), (0.98, 0.52), (1.12, 0.6), (1.4, 0.62))
    return Head(
        Ellipse(0.74 + 0.95j, 0.86, 0.92),
        lambda z: rise(z.real - line(z.imag), -0.03, 0.1),
        _disc(0.48 + 0.5j, 0.13, 0.38),
        lambda z: 0.1 + 1.1 * rise(z.imag, 0.4, 1.1) - 0.5 * rise(0.4 - z.imag, 0, 0.3),
        (0.42, 0.38, 0.62, 0.64),
        mirrored=mirrored,
    )


def _back() -> Head:
    ears = (Ellipse(-0.01 + 0.78j, 0.05, 0.14), Ellipse(1.01 + 0.78j, 0.05, 0.14))
    return Head(
        Ellipse(0.5 + 0.66j, 0.5, 0.66),
        lambda z: 1 - rise(z.imag - 0.06 * cos(8 * (z.real - 0.5)), 1.06, 1.2),
        _disc(0.5 + 0.55j, 0.2, 0.4),
        lambda z: pi / 2 - (z.real - 0.5) * 0.9,
        (0.36, 0.4, 0.64, 0.7),
        skin=(*ears, Ellipse(0.5 + 1.3j, 0.34, 0.45)),
    )


HEADS: Final = {
    "front_hairline": _front(),
    "crown": _crown(),
    "midline": _midline(),
    "left_temple": _temple(mirrored=False),
    "right_temple": _temple(mirrored=True),
    "back": _back(),
}
