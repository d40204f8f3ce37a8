"""What is asked of the child that measures, and what it answers. Knows no pixels: both sides of the border use it."""

from dataclasses import dataclass
from enum import StrEnum

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float, float, float, float]


class Found(StrEnum):
    """Whether one photo could be laid over another. PROPOSED: a coarse guess that a person must confirm."""

    ALIGNED = "aligned"
    PROPOSED = "proposed"
    NOT_ALIGNED = "not_aligned"


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Upright; centre and half axes in shares of a picture: x by its width, y by its height."""

    x: float
    y: float
    across: float
    down: float


@dataclass(frozen=True, slots=True)
class Fit:
    """How a photo lies over a baseline.

    `matrix` maps the photo to the baseline, each in units of its own width (x / width, y / width), row by row, the last
    number 1; None when nothing was found. `residual`: root mean square distance of the inliers, in units of the
    baseline's width. `overlap`: the share (0 to 1) of the baseline's region that the photo covers.
    """

    found: Found
    method: str
    matrix: Matrix | None = None
    inliers: int = 0
    residual: float | None = None
    overlap: float | None = None


@dataclass(frozen=True, slots=True)
class Indices:
    """What the region shows; None with a code why not.

    `coverage`: percent of the region darker than the cut. `redness`: treated minus untreated skin of the same photo,
    in units of 100 log10(R/G) in linear light. `skin`: the same figure for the untreated skin alone.
    Codes: "hair_not_darker", "no_reference_skin", "no_region", "too_dark", "too_bright", "not_aligned".
    """

    coverage: float | None
    coverage_why: str
    redness: float | None
    redness_why: str
    skin: float | None
    numbers: dict[str, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """The answer about one photo. `aligned`: it as JPEG in the baseline's frame and size; `evened`: the same with its
    light evened out. Both None when it was not aligned (the baseline itself is aligned to itself).
    """

    fit: Fit
    indices: Indices
    aligned: bytes | None
    evened: bytes | None
