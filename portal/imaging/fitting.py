"""Which way of laying a photo over its baseline is used, and what is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from portal.imaging import curve, features, geometry, guessing, head, landmarks, registration
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


def by_features(photo: Picture, found: features.Features, baseline: Ground) -> tuple[Fit, curve.Curve | None]:
    """ALIGNED when enough was found again; else a PROPOSED guess, or NOT_ALIGNED. `photo` is grey.

    The bend that remains comes beside it, where the pairs say it surely; the residual is then what is left of both.
    """
    aspects = aspect(photo), aspect(baseline.picture)
    laid, bend, residual = found_again(found, baseline, aspects)
    if laid is None:
        return _proposed(photo, baseline.picture, baseline.region), None
    overlap = geometry.overlap(laid.matrix, baseline.region, aspects)
    method = "sift+curve" if bend else "sift"
    return Fit(Found.ALIGNED, method, laid.matrix, laid.inliers, residual, overlap), bend


def found_again(
    found: features.Features, baseline: Ground, aspects: tuple[float, float]
) -> tuple[registration.Laid | None, curve.Curve | None, float]:
    """The fit that is believed, the bend that remains and the residual of both; photo's and baseline's `aspects`."""
    pairs = registration.Pairs(*features.shared(found, baseline.found))
    on_head = head.on(baseline.head, pairs.baseline)
    laid = registration.lay(pairs, on_head, baseline.region, aspects)
    if laid is None:
        return None, None, 0.0
    bend, residual = curve.found(laid, pairs, on_head, baseline.region, aspects[1]) or (None, laid.residual)
    return laid, bend, residual


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
