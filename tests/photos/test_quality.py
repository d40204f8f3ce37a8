"""What is told about a photo at once: each fault named right, and good photos left in peace."""

import math

import numpy as np
import pytest
from PIL import Image

from portal.photos import measuring
from portal.photos.decode import decode
from portal.photos.quality import SENTENCES, Fault, Quality, faults, is_something_else
from portal.photos.views import GUIDES, VIEWS, View
from tests.photos import make_images as make
from tests.photos import make_scalps as scalps

GOOD = Quality(0.1, 1.1, 120, 0, 0, 40, 1600, 1, 0.9, 25, 180)


def measured(image: Image.Image, view: View = View.CROWN, quality: int = 90) -> Quality:
    found = decode(scalps.jpeg(image, quality), region=GUIDES[view].region).quality
    assert found is not None
    return found


def codes(found: Quality, previous: Quality | None = None) -> list[str]:
    return [fault.code for fault in faults(found, previous)]


SPOILED = {
    "nothing": (lambda image: image, []),
    "a shaking hand": (lambda image: scalps.blurred(image, 3), ["blurred"]),
    "a little haste": (lambda image: scalps.blurred(image, 1.2), ["soft"]),
    "focus on the background": (scalps.focused_behind, ["background"]),
    "too little light": (lambda image: scalps.lit(image, 0.08), ["dark"]),
    "the sun": (lambda image: scalps.lit(image, 7), ["bright"]),
    "a yellow lamp": (lambda image: scalps.lit(image, 1, 2), ["colour"]),
    "a blue screen": (lambda image: scalps.lit(image, 1, 0.5), ["colour"]),
    "a copy from a messenger": (lambda image: image.resize((720, 960), Image.Resampling.LANCZOS), ["small"]),
    "two things at once": (lambda image: scalps.lit(scalps.blurred(image, 3), 0.08), ["blurred", "dark"]),
}


@pytest.mark.parametrize("name", SPOILED)
def test_each_fault_is_named_right(name):
    spoil, expected = SPOILED[name]
    assert codes(measured(spoil(scalps.good()))) == expected


@pytest.mark.parametrize("guide", [guide for guide in VIEWS if guide.view.value in scalps.scalp.VIEWS], ids=str)
def test_a_good_photo_of_any_view_is_left_in_peace(guide):
    for person in (2, 3):
        found = measured(scalps.good(guide.view, person), guide.view)
        assert codes(found) == []
        assert not is_something_else(found)


@pytest.mark.parametrize("coverage", [0.2, 0.9])
def test_hair_that_grows_is_no_blur(coverage):
    """The variance of the Laplacian itself would move by more than its limit."""
    then, now = measured(scalps.good()), measured(scalps.good(shot=2, coverage=coverage))
    assert abs(then.sharpness - now.sharpness) < 0.2
    assert codes(now, then) == codes(then, now) == []


def test_a_photo_that_is_less_sharp_than_the_last_is_noticed_earlier():
    sharp, soft, blurred = (measured(scalps.blurred(scalps.good(), radius)) for radius in (0, 0.65, 0.85))
    assert codes(soft) == codes(blurred) == []
    assert codes(soft, sharp) == ["soft"]
    assert codes(blurred, sharp) == ["blurred"]


@pytest.mark.parametrize("quality", [60, 75, 95])
def test_a_copy_saved_again_has_the_same_numbers(quality):
    one, other = measured(scalps.good()), measured(scalps.reopened(scalps.jpeg(scalps.good(), 90)), quality=quality)
    assert one.sharpness == pytest.approx(other.sharpness, abs=0.05)
    assert one.luma == pytest.approx(other.luma, abs=2)
    assert one.cast == pytest.approx(other.cast, abs=2)
    assert one.subject == pytest.approx(other.subject, abs=0.02)
    assert codes(other, one) == []


def test_what_the_file_is_does_not_change_the_numbers():
    image = scalps.good()
    numbers = [
        decode(raw, region=GUIDES[View.CROWN].region).quality
        for raw in (
            make.saved(image, "PNG"),
            make.saved(image, "WEBP", quality=92),
            make.saved(image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=92, exif=make.exif(6)),
        )
    ]
    for one in numbers[1:]:
        assert one.sharpness == pytest.approx(numbers[0].sharpness, abs=0.05)
        assert one.luma == pytest.approx(numbers[0].luma, abs=2)


def test_noise_of_a_dark_room_does_not_hide_blur():
    grain = Image.effect_noise(scalps.SIZE, 12).convert("RGB")
    assert codes(measured(Image.blend(scalps.blurred(scalps.good(), 3), grain, 0.06)))[:1] == ["blurred"]


def test_black_hair_in_good_light_is_not_too_dark():
    found = measured(scalps.in_black_hair(scalps.good(person=3, coverage=0.9)))
    assert found.luma < 45
    assert codes(found) == []


def test_the_same_head_against_the_light_is():
    found = measured(scalps.lit(scalps.in_black_hair(scalps.good(person=3, coverage=0.9)), 0.2))
    assert codes(found) == ["dark"]


def test_what_lies_outside_of_the_region_is_not_measured():
    left, right = np.random.default_rng(1).integers(0, 256, (2, 200, 100), dtype=np.uint8)
    mask = np.full((200, 200), 255, np.uint8)
    mask[:, :100] = 0
    alone = measuring._detail(right, mask[:, 100:])
    assert measuring._detail(np.hstack([left // 16, right]), mask) == pytest.approx(alone, rel=0.05)


OTHER_THINGS = {
    "a lawn": scalps.lawn(),
    "a blue sky": Image.new("RGB", scalps.SIZE, (110, 160, 220)),
    "a screenshot": Image.new("RGB", scalps.SIZE, (255, 255, 255)),
    "a pink wall": Image.new("RGB", scalps.SIZE, (240, 60, 190)),
}


@pytest.mark.parametrize("name", OTHER_THINGS)
def test_a_photo_of_something_else_is_recognised(name):
    assert is_something_else(measured(OTHER_THINGS[name]))


SKINS = [(255, 224, 196), (238, 205, 180), (205, 158, 130), (176, 126, 96), (120, 78, 55), (70, 45, 34), (45, 30, 24)]
HAIRS = [(20, 18, 17), (44, 32, 25), (90, 60, 40), (170, 80, 40), (220, 185, 120), (150, 150, 150), (225, 225, 222)]


@pytest.mark.parametrize("colour", [*SKINS, *HAIRS])
@pytest.mark.parametrize("warmth", [0.85, 1.0, 1.4])
@pytest.mark.parametrize("light", [0.3, 1.0])
def test_no_skin_and_no_hair_is_taken_for_something_else(colour, warmth, light):
    assert not is_something_else(measured(scalps.lit(Image.new("RGB", (400, 500), colour), light, warmth)))


def test_red_hair_before_a_white_wall_is_no_lamp():
    assert codes(Quality(0.1, 1.1, 90, 0, 0, 115, 1600, 1, 0, 5, 200)) == []


def test_the_light_is_compared_with_the_last_photo():
    assert codes(GOOD, GOOD) == []
    warmer = Quality(0.1, 1.1, 120, 0, 0, 55, 1600, 1, 0.9, 40, 180)
    assert codes(warmer) == []
    assert codes(warmer, GOOD) == ["colour"]


def test_every_fault_has_one_sentence_that_says_what_to_do():
    for code, sentence in SENTENCES.items():
        assert Fault(code, sentence).sentence.endswith(".")
        assert 30 < len(sentence) < 140


def test_without_a_region_nothing_is_measured():
    assert decode(scalps.jpeg(scalps.good())).quality is None


def test_a_picture_without_any_structure_has_numbers_too():
    found = measured(Image.new("RGB", (300, 300), (120, 90, 70)))
    assert all(math.isfinite(getattr(found, name)) for name in found.__slots__)
    assert "blurred" in codes(found)
