"""The baseline of each view, how each photo lies over it, what was measured, and what a person corrected."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.comparison.rules import AlignState
from portal.kit import clock
from portal.kit.db import Row, enum_type
from portal.photos.views import View


class Baseline(Row, table=True):
    """A practitioner's choice of the photo all others of a view are laid over; without one, the first fit photo is."""

    client_id: UUID = Field(foreign_key="person.id")
    view: View = Field(sa_type=enum_type(View))
    photo_id: UUID = Field(foreign_key="photo.id")
    set_by_id: UUID = Field(foreign_key="person.id")
    set_at: datetime = Field(default_factory=clock.now)

    __table_args__ = (sa.UniqueConstraint("client_id", "view"),)


class Alignment(Row, table=True):
    """How one photo lies over its baseline. One row a photo; measured anew, it is replaced.

    `matrix`: nine numbers, row by row, from the photo to the baseline, both in units of their own width (x / width,
    y / width). `residual`: root mean square of the inliers, `overlap`: share of the view's region; both from 0 to 1.
    `fit_of`: the version of the method. `aligned_id`, `evened_id`: the derived pictures.
    """

    client_id: UUID = Field(foreign_key="person.id", index=True)
    photo_id: UUID = Field(foreign_key="photo.id", unique=True)
    baseline_id: UUID = Field(foreign_key="photo.id", index=True)
    state: AlignState = Field(sa_type=enum_type(AlignState))
    method: str = Field(default="", max_length=20)
    matrix: list[float] | None = Field(default=None, sa_type=sa.JSON)
    inliers: int = 0
    residual: float | None = None
    overlap: float | None = None
    fit_of: str = Field(default="", max_length=20)
    measured_at: datetime = Field(default_factory=clock.now)
    aligned_id: UUID | None = Field(default=None, foreign_key="derivation.id")
    evened_id: UUID | None = Field(default=None, foreign_key="derivation.id")

    __table_args__ = (
        sa.CheckConstraint("overlap IS NULL OR (overlap >= 0 AND overlap <= 1)", name="overlap_is_a_share"),
    )


class Landmarks(Row, table=True):
    """Points a person tapped on one photo, in shares of its width and height; kept and used again.

    `baseline_points`: the same spots on `baseline_id`, the photo that was the baseline then, as they were shown; None
    for points from before this was kept, of which nobody knows what they belong to.
    """

    client_id: UUID = Field(foreign_key="person.id", index=True)
    photo_id: UUID = Field(foreign_key="photo.id", unique=True)
    points: list[list[float]] = Field(sa_type=sa.JSON)
    baseline_id: UUID | None = Field(default=None, foreign_key="photo.id")
    baseline_points: list[list[float]] = Field(default_factory=list, sa_type=sa.JSON)
    by_id: UUID = Field(foreign_key="person.id")
    at: datetime = Field(default_factory=clock.now)


class Reading(Row, table=True):
    """The indices measured on one photo, in the region of its view. None with a code why not.

    `coverage`: percent of the region. `redness`: treated minus untreated skin, in units of 100 log10(R/G).
    `skin`: 100 log10(R/G) of the untreated skin, for comparing colour. A point may be excluded, with a reason.
    """

    client_id: UUID = Field(foreign_key="person.id", index=True)
    photo_id: UUID = Field(foreign_key="photo.id", unique=True)
    coverage: float | None = None
    coverage_why: str = Field(default="", max_length=40)
    redness: float | None = None
    redness_why: str = Field(default="", max_length=40)
    skin: float | None = None
    numbers: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    reading_of: str = Field(default="", max_length=20)
    measured_at: datetime = Field(default_factory=clock.now)
    excluded_at: datetime | None = None
    excluded_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    excluded_reason: str = Field(default="", max_length=500)
