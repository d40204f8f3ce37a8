import io
from datetime import UTC, datetime
from itertools import pairwise
from statistics import fmean

import pytest
from PIL import Image, ImageChops, ImageOps

from portal.demo.heads import HEADS
from portal.demo.scalp import VIEWS, draw, jpeg
from portal.photos.decode import decode

pytestmark = pytest.mark.thorough

SIZE = (300, 400)


def shot(view: str = "crown", **different) -> Image.Image:
    return draw(view, **({"person_seed": 1, "shot_seed": 1, "coverage": 0.4, "size": SIZE} | different))


def treated(image: Image.Image, view: str = "crown") -> Image.Image:
    left, top, right, bottom = (round(part * image.width) for part in HEADS[view].treated)
    return image.crop((left, top, right, bottom))


def dark_share(image: Image.Image) -> float:
    """Measure as anyone would: how much of the treated area is nearer to hair than to skin."""
    grey = image.convert("L").tobytes()
    return sum(value < 100 for value in grey) / len(grey)


def difference(one: Image.Image, other: Image.Image) -> float:
    return fmean(ImageChops.difference(one, other).convert("L").tobytes())


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_measured_rises_with_the_coverage_that_was_drawn(view):
    shares = [dark_share(treated(shot(view, coverage=coverage), view)) for coverage in (0.1, 0.3, 0.5, 0.7)]
    steps = [after - before for before, after in pairwise(shares)]
    assert min(steps) > 0.02
    assert shares[0] < 0.2


def test_hair_outside_the_treated_area_stays():
    corner = (0, 260, 300, 340)
    thin, full = shot(coverage=0.1).crop(corner), shot(coverage=0.8).crop(corner)
    assert difference(thin, full) < 3


def test_the_same_seeds_draw_the_same_photo():
    assert shot().tobytes() == shot().tobytes()


def test_another_day_is_the_same_person_differently_lit_and_combed():
    today, later, other = shot(), shot(shot_seed=2), shot(person_seed=4)
    assert difference(today, later) > 1
    assert difference(treated(today), treated(later)) < difference(treated(today), treated(other))


def test_turn_and_zoom_move_the_head_and_nothing_else():
    upright, turned = treated(shot()), treated(shot(turn=12).rotate(12, Image.Resampling.BICUBIC))
    assert difference(upright, turned) < difference(upright, treated(shot(turn=12)))
    assert shot(zoom=1.2).tobytes() != shot().tobytes()


def test_light_and_warmth_change_the_picture_as_a_lamp_does():
    mean = [fmean(band.tobytes()) for band in shot().split()]
    bright = [fmean(band.tobytes()) for band in shot(light=1.3).split()]
    warm = [fmean(band.tobytes()) for band in shot(warmth=1.3).split()]
    assert all(more > less * 1.08 for more, less in zip(bright, mean, strict=True))
    assert warm[0] > mean[0] * 1.08
    assert warm[2] < mean[2] * 0.92


def test_redness_reddens_the_treated_area():
    def red_over_green(image: Image.Image) -> float:
        red, green, _ = (fmean(band.tobytes()) for band in treated(image).split())
        return red / green

    calm, sore, worse = (red_over_green(shot(redness=redness)) for redness in (0.0, 0.5, 1.0))
    assert calm * 1.03 < sore < worse / 1.03


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_saved_photo_is_dated_and_placed_like_a_phones_and_taken_in_upright(orientation):
    image = shot()
    raw = jpeg(image, taken_at=datetime(2026, 5, 4, 10, 30, tzinfo=UTC), orientation=orientation)
    opened = Image.open(io.BytesIO(raw))
    assert opened.getexif().get_ifd(0x8825)
    assert difference(ImageOps.exif_transpose(opened), image) < 4
    decoded = decode(raw, "IMG_2041.JPG")
    assert str(decoded.taken_at) == "2026-05-04 10:30:00"
    assert (decoded.width, decoded.height, decoded.taken_offset_minutes) == (*SIZE, 0)


def test_a_photo_without_place_has_none():
    raw = jpeg(shot(), taken_at=datetime(2026, 5, 4, tzinfo=UTC), gps=False)
    assert not Image.open(io.BytesIO(raw)).getexif().get_ifd(0x8825)
