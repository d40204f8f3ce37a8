"""What people send about pairs and series."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from portal.comparison import taps
from portal.derivations.rules import Use
from portal.kit.forms import Form, Words
from portal.photos.views import View


class PairFormat(StrEnum):
    """What a saved pair is: a picture or a page with dates and verdict."""

    JPEG = "jpeg"
    PDF = "pdf"


class ExportForm(Form):
    """Save this pair."""

    view: View
    before: UUID
    after: UUID
    use: Use
    format: PairFormat


class ExcludeForm(Form):
    """A practitioner leaves a photo out of the measurement."""

    reason: Annotated[Words, StringConstraints(max_length=500)]


def _points(texts: object) -> object:
    return list(taps.read_all([str(text) for text in texts])) if isinstance(texts, list) else []


def _three(points: list[taps.Point]) -> list[taps.Point]:
    if sentence := taps.problem(points):
        raise ValueError(sentence)
    return points


def _three_or_none(points: list[taps.Point]) -> list[taps.Point]:
    return _three(points) if points else points


class LandmarksForm(Form):
    """Three points on a photo, and on its baseline where it has none yet; each as “0.25,0.40”."""

    photo_points: Annotated[list[taps.Point], BeforeValidator(_points), AfterValidator(_three)]
    baseline_points: Annotated[list[taps.Point], BeforeValidator(_points), AfterValidator(_three_or_none)] = Field(
        default_factory=list
    )
