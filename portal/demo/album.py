"""Photos of the demo's client: one drawn scalp whose coverage grows by a known amount while light and framing vary."""

from datetime import datetime, timedelta
from random import Random

from PIL import Image

from portal.accounts.rules import Viewer
from portal.demo import scalp
from portal.demo.stage import Stage
from portal.photos import service as photos
from portal.photos.forms import HairForm
from portal.photos.models import Photo
from portal.photos.rules import HairLength, Parting, Product, Wetness
from portal.photos.service import Upload
from portal.photos.views import View

PERSON = 7
DRAWN, SIZE = (810, 1080), (1200, 1600)  # drawing small and enlarging is four times as fast
SERIES = (View.CROWN, View.FRONT_HAIRLINE, View.MIDLINE)
COVERAGE_AT_FIRST, COVERAGE_A_MONTH = 0.42, 0.05
BACK_COVERAGE = 0.85


AS_ALWAYS = HairForm(wetness=Wetness.DRY, product=Product.NONE, parting=Parting.SAME, length=HairLength.SAME)
WET = HairForm(wetness=Wetness.WET, product=Product.NONE, parting=Parting.SAME, length=HairLength.SAME)


def send(
    stage: Stage,
    client: Viewer,
    views: tuple[View, ...],
    taken: datetime,
    month: int,
    *,
    takes: int = 1,
    hair: HairForm = AS_ALWAYS,
) -> list[Photo]:
    """The client sends photos of each view, drawn as of `month` after the first; two takes tell how photos differ."""
    first = 5 if hair is WET else 0  # another shot than the dry one of that month
    wanted = [(view, take) for view in views for take in range(first, first + takes)]
    return [
        _send_one(stage, client, view, taken + timedelta(minutes=number), month, take, hair)
        for number, (view, take) in enumerate(wanted)
    ]


def _send_one(
    stage: Stage, client: Viewer, view: View, taken: datetime, month: int, take: int, hair: HairForm
) -> Photo:
    chance = Random(f"{view} {month} {take}")
    coverage = BACK_COVERAGE if view is View.BACK else COVERAGE_AT_FIRST + COVERAGE_A_MONTH * month
    picture = scalp.draw(
        view.value,
        person_seed=PERSON,
        shot_seed=10 * month + take,
        coverage=coverage,
        light=chance.uniform(0.9, 1.06),
        warmth=chance.uniform(0.98, 1.08),
        turn=chance.uniform(-4, 4),
        zoom=chance.uniform(0.97, 1.05),
        size=DRAWN,
    ).resize(SIZE, Image.Resampling.BICUBIC)
    raw = scalp.jpeg(picture, taken_at=taken, orientation=6 if month % 2 else 1)
    upload = Upload(raw, f"IMG_{month}{list(View).index(view)}{take}.jpg", view, hair=hair)
    return photos.take_in(stage.db, stage.vault, client, client.id, upload).photo
