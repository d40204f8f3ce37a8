"""Photos of the demo's client: one drawn scalp whose coverage grows by a known amount while light and framing vary."""

from datetime import datetime, timedelta
from random import Random

from portal.accounts.rules import Viewer
from portal.demo import scalp
from portal.demo.stage import Stage
from portal.photos import service as photos
from portal.photos.models import Photo
from portal.photos.rules import View
from portal.photos.service import Upload

PERSON = 7
SIZE = (810, 1080)
SERIES = (View.CROWN, View.FRONT_HAIRLINE, View.MIDLINE)
COVERAGE_AT_FIRST, COVERAGE_A_MONTH = 0.42, 0.05
BACK_COVERAGE = 0.85


def send(stage: Stage, client: Viewer, views: tuple[View, ...], taken: datetime, month: int) -> list[Photo]:
    """The client sends one photo of each view, drawn as of `month` after the first."""
    return [
        _send_one(stage, client, view, taken + timedelta(minutes=number), month) for number, view in enumerate(views)
    ]


def _send_one(stage: Stage, client: Viewer, view: View, taken: datetime, month: int) -> Photo:
    chance = Random(f"{view} {month}")
    coverage = BACK_COVERAGE if view is View.BACK else COVERAGE_AT_FIRST + COVERAGE_A_MONTH * month
    picture = scalp.draw(
        view.value,
        person_seed=PERSON,
        shot_seed=month,
        coverage=coverage,
        light=chance.uniform(0.9, 1.06),
        warmth=chance.uniform(0.98, 1.08),
        turn=chance.uniform(-4, 4),
        zoom=chance.uniform(0.97, 1.05),
        size=SIZE,
    )
    raw = scalp.jpeg(picture, taken_at=taken, orientation=6 if month % 2 else 1)
    upload = Upload(raw, f"IMG_{month}{list(View).index(view)}.jpg", view)
    return photos.take_in(stage.db, stage.vault, client, client.id, upload).photo
