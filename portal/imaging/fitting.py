"""Which way of laying a photo over its baseline is used, and what is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from portal.imaging import features, geometry, guessing, head, landmarks, registration
from portal.imaging.measured import Ellipse, Fit, Found, Matrix, Point
from portal.imaging.pictures import Mask, Numbers, Picture, aspect, grey

ITSELF: Final = Fit(Found.ALIGNED, "itself", geometry.IDENTITY, 0, 0.0, 1.0)
NOTHING: Final = Fit(Found.NOT_ALIGNED, "")


@dataclass(frozen=True, slots=True)
class Ground:
    """A baseline, and what laying photos over it needs; may be used for many photos."""

    picture: Picture
    found: features.Features
    head: Mask
    region: Ellipse


def ground(baseline: Picture, region: Ellipse) -> Ground:
    """Prepare an RGB baseline."""
    dim = grey(baseline)
    return Ground(dim, features.find(dim, region), head.head(baseline, region), region)


def by_features(photo: Picture, found: features.Features, baseline: Ground) -> Fit:
    """ALIGNED when enough was found again; else a PROPOSED guess, or NOT_ALIGNED. `photo` is grey."""
    pairs = registration.Pairs(*features.shared(found, baseline.found))
    aspects = aspect(photo), aspect(baseline.picture)
    laid = registration.lay(pairs, head.on(baseline.head, pairs.baseline), baseline.region, aspects)
    if laid is None:
        return _proposed(photo, baseline.picture, baseline.region)
    overlap = geometry.overlap(laid.matrix, baseline.region, aspects)
    return Fit(Found.ALIGNED, "sift", laid.matrix, laid.inliers, laid.residual, overlap)


def by_landmarks(points: tuple[Sequence[Point], Sequence[Point]], region: Ellipse, aspects: tuple[float, float]) -> Fit:
    """By three or more taps on both, in shares of width and height. NOT_ALIGNED when they cannot be meant."""
    photo, baseline = (_in_widths(side, tall) for side, tall in zip(points, aspects, strict=True))
    matrix = landmarks.tapped(photo, baseline)
    fit = given(matrix, region, aspects)
    if fit.found is not Found.ALIGNED:
        return replace(fit, method="landmarks")
    residual = float(np.sqrt((registration.apart(matrix, registration.Pairs(photo, baseline)) ** 2).mean()))
    return replace(fit, method="landmarks", inliers=len(photo), residual=residual)


def given(matrix: Matrix, region: Ellipse, aspects: tuple[float, float]) -> Fit:
    """By a matrix found before, or confirmed by a person."""
    if not geometry.plausible(matrix, aspects[0]):
        return Fit(Found.NOT_ALIGNED, "given")
    return Fit(Found.ALIGNED, "given", matrix, overlap=geometry.overlap(matrix, region, aspects))


def _in_widths(points: Sequence[Point], tall: float) -> Numbers:
    return np.array(points, np.float64) * (1, tall)


def _proposed(photo: Picture, baseline: Picture, region: Ellipse) -> Fit:
    guess = guessing.guessed(photo, baseline, region)
    if guess is None:
        return NOTHING
    overlap = geometry.overlap(guess.matrix, region, (aspect(photo), aspect(baseline)))
    return Fit(Found.PROPOSED, "brightness", guess.matrix, overlap=overlap)
