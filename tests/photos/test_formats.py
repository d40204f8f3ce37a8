"""What phones of the last ten years write: 48 to 108 megapixels, wide colours, sixteen bits, and all of it measured."""

import struct
import zlib

import pytest
from PIL import Image

from portal.photos.decode import decode
from portal.photos.views import GUIDES, View
from tests.photos import make_images as make
from tests.photos.looking import corners, distance, picture, real
from tests.photos.make_heic import doubled

REGION = GUIDES[View.CROWN].region
QUARTERS = ["red", "green", "blue", "yellow"]
PROFILES = {
    "Display P3": (make.DISPLAY_P3, (200, 100, 80), (213, 95, 74)),
    "Adobe RGB": (make.ADOBE_RGB, (180, 110, 90), (200, 110, 88)),
}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_wide_colours_become_the_same_colours_in_srgb(name, kind):
    primaries, stored, expected = PROFILES[name]
    options = {"quality": 95} if kind != "PNG" else {}
    raw = make.saved(
        Image.new("RGB", (320, 320), stored), kind, icc_profile=make.profile(primaries=primaries), **options
    )
    assert distance(picture(decode(raw)).getpixel((160, 160)), expected) <= 5


def test_colour_outside_of_srgb_is_clipped_and_not_wrapped():
    raw = make.saved(
        Image.new("RGB", (300, 300), (0, 255, 0)), "PNG", icc_profile=make.profile(primaries=make.DISPLAY_P3)
    )
    red, green, blue = picture(decode(raw)).getpixel((150, 150))
    assert green > 250
    assert max(red, blue) < 30


def test_sixteen_bits_of_colour_keep_their_order_of_magnitude():
    line = b"\0" + b"".join(struct.pack(">3H", 40_000, 20_000, 10_000) for _ in range(2400))
    raw = make.png_of_chunks(2400, 1800, (b"IDAT", zlib.compress(line * 1800, 1)), depth=16)
    decoded = decode(raw, region=REGION)
    assert distance(picture(decoded).getpixel((100, 100)), (156, 78, 39)) <= 2
    assert decoded.quality is not None


@pytest.mark.parametrize("size", [(2600, 2000), (4032, 3024)])
def test_sixteen_bits_of_grey_survive_being_made_smaller(size):
    ramp = Image.linear_gradient("L").resize(size).convert("I;16").point(lambda value: value * 256)
    shown = picture(decode(make.saved(ramp, "PNG")))
    assert [abs(shown.getpixel((20, y))[0] - 255 * y // shown.height) <= 4 for y in (60, 400, 700)] == [True] * 3


@pytest.mark.parametrize(
    "size, options",
    [((8064, 6048), {}), ((8064, 6048), {"progressive": True}), ((12_000, 9_000), {})],
    ids=["48 megapixels", "48 megapixels, progressive", "108 megapixels"],
)
def test_large_jpegs_are_taken_in(size, options):
    decoded = decode(make.saved(make.scene(*size), "JPEG", exif=make.exif(1), **options), "IMG.JPG", region=REGION)
    assert (decoded.width, decoded.height) == size
    assert corners(picture(decoded)) == QUARTERS


def test_a_large_jpeg_of_a_phone_held_upright_is_turned():
    decoded = decode(make.phone_jpeg(6, (6048, 8064)))
    assert (decoded.width, decoded.height) == (6048, 8064)
    assert corners(picture(decoded)) == QUARTERS


@pytest.mark.thorough
def test_a_large_png_is_taken_in():
    decoded = decode(make.saved(make.scene(8000, 6000), "PNG", compress_level=1), region=REGION)
    assert corners(picture(decoded)) == QUARTERS


@pytest.mark.thorough
def test_a_heic_of_48_megapixels_is_taken_in():
    """The same tiles four times: each quarter of the picture is the whole of the smaller one."""
    raw = real("galaxy-s10-gps.heic")
    one, four = decode(raw), decode(doubled(raw), "IMG.HEIC", region=REGION)
    assert (four.width, four.height) == (one.width * 2, one.height * 2)
    small, large = picture(one, "small"), picture(four)
    for x, y in ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)):
        of_four = large.getpixel((int(large.width * x), int(large.height * y)))
        assert distance(of_four, small.getpixel((small.width // 2, small.height // 2))) <= 40


def test_phones_that_save_two_pictures_in_one_file_are_fine():
    """Depth, gain map, motion: MPO, of which the first picture is the photo."""
    raw = make.saved(make.scene(4000, 3000), "MPO", save_all=True, append_images=[make.scene(1000, 750)])
    decoded = decode(raw, "IMG.JPG", region=REGION)
    assert (decoded.format, corners(picture(decoded))) == ("JPEG", QUARTERS)
    assert decoded.quality is not None
    assert decoded.quality.short_side == 3000


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_numbers_are_measured_whatever_the_colours_are(mode):
    decoded = decode(make.saved(make.scene().convert(mode), "JPEG"), region=REGION)
    assert decoded.quality is not None


@pytest.mark.parametrize("size", [(200, 12_000), (12_000, 200)])
def test_the_narrowest_pictures_are_measured_in_each_view(size):
    raw = make.saved(Image.new("RGB", size, "tan"), "JPEG")
    assert all(decode(raw, region=guide.region).quality for guide in GUIDES.values())
