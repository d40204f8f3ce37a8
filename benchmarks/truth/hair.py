"""Strands: rooted where a person's hair grows, laid by a comb, gathered in locks, drawn as thin lines.

At 0.125 mm a pixel (20 cm of head over 1600) a hair is thinner than a pixel, so a line of one pixel is one or a few.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.truth.fields import Floats, Pixels, noise

STEPS, STEP, CELL, LOCK, SCATTER = 9, 17.0, 24.0, 110.0, 0.1
_SHADES = 8
_FRACTION = 4  # bits behind the point in cv2's coordinates


@dataclass(frozen=True, slots=True)
class Comb:
    """How the hair was laid. On the first day one way; `again` is another combing, which moved a share of the locks, or
    those rooted where `only` is true.
    """

    again: int = 0
    share: float = 1.0
    only: Pixels | None = None


@dataclass(frozen=True, slots=True)
class Growth:
    """What stays a person's own: where hair can grow, each hair's length and luck. Thinning takes the unlucky."""

    person: int
    roots: Pixels
    lengths: Pixels
    luck: Pixels
    shade: Pixels


def growth(person: int, head: Pixels, fine: float) -> Growth:
    """Every hair the head could carry, whatever grows today: so that more hair leaves the others where they are."""
    rng = np.random.default_rng([person, 1])
    height, width = head.shape
    roots = rng.random((int(0.019 * height * width / fine), 2)) * (width, height)
    roots = roots[head[*_index(roots, head.shape)]]
    many = len(roots)
    return Growth(person, roots, rng.uniform(0.75, 1.15, many), rng.random(many), rng.integers(0, _SHADES, many))


def layers(own: Growth, comb: Comb, whorl: tuple[float, float], wanted: Pixels, fine: float, clump: float) -> Floats:
    """Three layers, 0 to 1: how much of the pixel is hair; that times its shade; that times its gloss.

    `wanted`: the share (0 to 1) of all hair that grows at each pixel.
    """
    paths = _laid(own, 0, whorl, wanted.shape, fine, clump)
    if comb.again:
        again = _laid(own, comb.again, whorl, wanted.shape, fine, clump)
        paths = np.where(_moved(own, comb, wanted.shape, fine)[:, None, None], again, paths)
    grows = own.luck < wanted[*_index(own.roots, wanted.shape)]
    return _drawn(own, paths, grows, (wanted.shape[0], wanted.shape[1]))


def _moved(own: Growth, comb: Comb, shape: tuple[int, ...], fine: float) -> Pixels:
    """Which strands the second combing has moved: whole locks, a good centimetre wide."""
    if comb.only is not None:
        return np.asarray(comb.only[*_index(own.roots, shape)])
    rng = np.random.default_rng([own.person, comb.again, 2])
    field = noise(rng, (shape[0], shape[1]), LOCK * fine)[*_index(own.roots, shape)]
    return np.asarray(field < np.quantile(field, comb.share)) if comb.share < 1 else np.ones(len(field), bool)


def _laid(
    own: Growth, comb: int, whorl: tuple[float, float], shape: tuple[int, ...], fine: float, clump: float
) -> Floats:
    rng, roots = np.random.default_rng([own.person, comb, 3]), own.roots
    size = (shape[0], shape[1])
    turned = 0.35 * noise(rng, size, 300 * fine) + 0.16 * noise(rng, size, 80 * fine)
    cells = roots + np.stack([noise(rng, size, 60 * fine)[*_index(roots, shape)] for _ in "xy"], 1) * 8 * fine
    locks = (cells // (CELL * fine)).astype(int)
    _, lock = np.unique(locks[:, 0] * 100_000 + locks[:, 1], return_inverse=True)
    bent = rng.normal(0, SCATTER, len(roots)) + rng.normal(0, 0.13, lock.max(initial=0) + 1)[lock]
    held = rng.uniform(0.2, 0.9, len(roots)) * clump
    curl, phase = rng.normal(0, 1.6, len(roots)), rng.uniform(0, 6.3, len(roots))
    places, here = [roots], roots
    for step in range(1, STEPS):
        away = here - whorl
        spin = 0.9 * np.exp(-np.hypot(*away.T) / (160 * fine))
        angle = np.arctan2(away[:, 1], away[:, 0]) + spin + turned[*_index(here, shape)] + bent
        way = np.stack([np.cos(angle), np.sin(angle)], 1)
        here = here + way * (STEP * fine * own.lengths)[:, None]
        aside = np.stack([-way[:, 1], way[:, 0]], 1) * (curl * np.sin(phase + step))[:, None] * fine
        places.append(_gathered(here, lock, held * step / STEPS) + aside)
    return np.stack(places, 1).astype(np.float32)


def _gathered(here: Pixels, lock: Pixels, held: Pixels) -> Pixels:
    """Each strand drawn towards the middle of its lock."""
    many = np.maximum(np.bincount(lock), 1)
    middle = np.stack([np.bincount(lock, here[:, axis]) / many for axis in (0, 1)], 1)[lock]
    return np.asarray(here + (middle - here) * held[:, None])


def _index(places: Pixels, shape: tuple[int, ...]) -> tuple[Pixels, Pixels]:
    return (
        np.clip(places[:, 1].astype(int), 0, shape[0] - 1),
        np.clip(places[:, 0].astype(int), 0, shape[1] - 1),
    )


def _drawn(own: Growth, paths: Floats, grows: Pixels, shape: tuple[int, int]) -> Floats:
    rng = np.random.default_rng([own.person, 4])
    painted = np.zeros((*shape, 3), np.uint8)
    points = np.round(paths * (1 << _FRACTION)).astype(np.int32)
    for number in rng.permutation(_SHADES):
        colour = (255.0, float(rng.uniform(120, 255)), float(rng.uniform(40, 255)))
        lines = list(points[grows & (own.shade == number)])
        cv2.polylines(painted, lines, False, colour, 1, cv2.LINE_AA, _FRACTION)
    return np.asarray(painted / np.float32(255), np.float32)
