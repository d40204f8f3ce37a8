import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from PIL import Image

from portal.photos.decode import ACCEPT, decode
from tests.photos import make_images as make
from tests.photos.looking import corners, distance, half, picture, real, refused, segments, told_by_exiftool


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation):
    decoded = decode(make.phone_jpeg(orientation), "IMG_0001.JPG")
    assert (decoded.format, decoded.width, decoded.height) == ("JPEG", 800, 600)
    for name in ("large", "medium", "small"):
        assert corners(picture(decoded, name)) == ["red", "green", "blue", "yellow"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright_from_a_scaled_decode(orientation):
    decoded = decode(make.phone_jpeg(orientation, (4000, 1000)))
    assert (decoded.width, decoded.height) == (4000, 1000)
    assert corners(picture(decoded, "large")) == ["red", "green", "blue", "yellow"]


@pytest.mark.parametrize("orientation", [0, 9, 60_000])
def test_an_orientation_that_means_nothing_is_none(orientation):
    decoded = decode(make.saved(make.scene(), "JPEG", exif=make.exif(orientation)))
    assert (decoded.width, decoded.height) == (800, 600)
    assert corners(picture(decoded)) == ["red", "green", "blue", "yellow"]


@pytest.mark.parametrize(
    "raw",
    [make.phone_jpeg(6), make.phone_png(), make.phone_webp(), make.phone_png(make.scene().convert("RGBA"))],
    ids=["jpeg", "png", "webp", "png with alpha"],
)
def test_no_rendition_carries_metadata(raw, tmp_path):
    assert make.SECRET in raw or raw.startswith(b"\x89PNG")
    for rendition in decode(raw).renditions:
        assert make.SECRET not in rendition.jpeg
        assert segments(rendition.jpeg) <= {0xE0, 0xDB, 0xC0, 0xC4}
        opened = Image.open(io.BytesIO(rendition.jpeg))
        assert not opened.getexif()
        assert set(opened.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not told_by_exiftool(tmp_path, rendition.jpeg)


def test_the_capture_date_is_read_with_its_offset():
    decoded = decode(make.phone_jpeg())
    assert (decoded.taken_at, decoded.taken_offset_minutes) == (datetime(2026, 3, 14, 9, 26, 53), 120)  # noqa: DTZ001
    west = decode(make.phone_jpeg(exif=make.exif(offset="-04:30")))
    assert west.taken_offset_minutes == -270


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday", ""])
def test_a_date_that_is_none_is_not_invented(taken):
    assert decode(make.phone_jpeg(exif=make.exif(taken=taken))).taken_at is None
    assert decode(make.saved(make.scene(), "JPEG")).taken_at is None


def test_renditions_keep_the_shape_and_are_never_enlarged():
    sizes = [(part.width, part.height) for part in decode(make.saved(make.scene(5000, 2500), "JPEG")).renditions]
    assert sizes == [(2048, 1024), (1024, 512), (320, 160)]
    small = decode(make.saved(make.scene(300, 240), "PNG"))
    assert {(part.width, part.height) for part in small.renditions[:2]} == {(300, 240)}


def test_a_twelve_megapixel_photo_keeps_nearly_2048_pixels():
    large = decode(make.saved(make.scene(4032, 3024), "JPEG")).renditions[0]
    assert (large.width, large.height) == (2016, 1512)


def test_a_saved_again_copy_has_nearly_the_same_fingerprint():
    image = Image.effect_mandelbrot((900, 700), (-2, -1.2, 0.6, 1.2), 60).convert("RGB")
    one, two = decode(make.saved(image, "PNG")), decode(make.saved(image, "JPEG", quality=60))
    other = decode(make.saved(image.transpose(Image.Transpose.ROTATE_180), "PNG"))
    assert (int(one.dhash, 16) ^ int(two.dhash, 16)).bit_count() <= 4
    assert (int(one.dhash, 16) ^ int(other.dhash, 16)).bit_count() > 8


def test_wide_colours_are_converted_by_their_profile():
    red = Image.new("RGB", (300, 300), (220, 30, 30))
    told = make.saved(red, "JPEG", icc_profile=make.profile(swapped=True))
    r, g, _ = picture(decode(told)).getpixel((150, 150))
    assert g > 180
    assert r < 120


def test_a_broken_profile_costs_the_profile_and_not_the_photo():
    decoded = decode(make.saved(make.scene(), "JPEG", icc_profile=b"no profile" * 40))
    assert corners(picture(decoded)) == ["red", "green", "blue", "yellow"]


def _keyed() -> Image.Image:
    image = make.scene(300, 300)
    image.info["transparency"] = make.RED
    return image


ODD = {
    "grey": (Image.new("L", (300, 300), 128), "PNG", {}, (128, 128, 128)),
    "grey with alpha": (Image.new("LA", (300, 300), (0, 128)), "PNG", {}, (127, 127, 127)),
    "sixteen bits": (Image.new("I;16", (300, 300), 128 * 256), "PNG", {}, (128, 128, 128)),
    "bitmap": (Image.new("1", (300, 300), 1), "PNG", {}, (255, 255, 255)),
    "palette": (make.scene(300, 300).quantize(8), "PNG", {}, make.RED),
    "clear": (Image.new("RGBA", (300, 300), (10, 200, 90, 0)), "PNG", {}, (255, 255, 255)),
    "key colour": (_keyed(), "PNG", {"transparency": make.RED}, (255, 255, 255)),
    "clear webp": (Image.new("RGBA", (300, 300), (10, 200, 90, 0)), "WEBP", {"lossless": True}, (255, 255, 255)),
    "print colours": (Image.new("CMYK", (300, 300), (0, 255, 255, 0)), "JPEG", {}, (255, 0, 0)),
    "grey jpeg": (Image.new("L", (300, 300), 77), "JPEG", {}, (77, 77, 77)),
    "progressive": (make.scene(300, 300), "JPEG", {"progressive": True}, make.RED),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_kinds_of_pixels_become_plain_colours_on_white(name):
    image, kind, options, expected = ODD[name]
    decoded = decode(make.saved(image, kind, **options))
    assert distance(picture(decoded).getpixel((40, 40)), expected) <= 12


def test_a_jpeg_with_more_pictures_behind_the_first_is_one_photo():
    more = make.saved(make.scene(), "MPO", save_all=True, append_images=[make.scene(300, 300)])
    decoded = decode(more, "portrait.jpg")
    assert (decoded.format, decoded.width, corners(picture(decoded))[0]) == ("JPEG", 800, "red")


def test_what_is_appended_to_a_photo_does_not_reach_a_rendition():
    for rendition in decode(make.saved(make.scene(), "JPEG") + make.archive() + make.SECRET).renditions:
        assert rendition.jpeg.endswith(b"\xff\xd9")
        assert make.SECRET not in rendition.jpeg


def test_a_directory_that_loops_does_not_hang():
    assert decode(make.looping_exif(), timeout=5).taken_at is None


def test_a_photo_just_within_the_limits_is_taken_in():
    flat = make.png_of_chunks(8000, 7400, (b"IDAT", make.deflated(7400 * (1 + 8000 * 2))), colour=4)
    decoded = decode(flat, "clear.png")
    assert (decoded.width, decoded.height) == (8000, 7400)
    assert picture(decoded).getpixel((9, 9)) == (255, 255, 255)


def test_photos_sent_together_are_all_right():
    raws = [make.phone_jpeg(number % 8 + 1, (1000 + 40 * number, 600)) for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        decoded = list(pool.map(decode, raws))
    assert [photo.width for photo in decoded] == [1000 + 40 * number for number in range(16)]
    assert all(corners(picture(photo, "small")) == ["red", "green", "blue", "yellow"] for photo in decoded)


def test_the_accept_attribute_offers_what_is_taken_in():
    assert {"image/heic", ".heic", "image/jpeg", "image/png", "image/webp"} <= set(ACCEPT.split(","))


def test_the_process_that_receives_photos_never_loads_a_decoder():
    script = "import sys; from portal.photos import decode; sys.exit('PIL' in sys.modules or 'pi_heif' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


REAL_PHOTOS = {
    "galaxy-s10-gps.heic": ("HEIF", 3024, 4032, "2020-06-30 11:27:59", None),
    "galaxy-s2-turned-6.jpg": ("JPEG", 2448, 3264, "2012-12-31 16:06:20", None),
    "galaxy-s24-fe.heic": ("HEIF", 4000, 1848, "2025-05-09 11:38:44", 120),
    "iphone-11-pro.heic": ("HEIF", 3024, 4032, "2020-05-04 18:39:11", -240),
    "iphone-4s-turned-6.jpg": ("JPEG", 2448, 3264, "2012-08-26 15:53:03", None),
    "iphone-5-gps-turned-3.jpg": ("JPEG", 3264, 2448, "2012-09-29 16:11:25", None),
    "iphone-6-gps.jpg": ("JPEG", 3264, 2448, "2014-09-16 14:05:12", None),
    "iphone-8-gps.heic": ("HEIF", 4032, 3024, "2018-02-05 15:11:44", None),
    "nexus-4-gps.jpg": ("JPEG", 2448, 3264, "2013-01-20 18:54:08", None),
    "powershot-a85-turned-8.jpg": ("JPEG", 2272, 1704, "2005-01-31 05:51:17", None),
}


@pytest.mark.parametrize("name", REAL_PHOTOS)
def test_photos_of_real_phones_are_taken_in(name, tmp_path):
    decoded = decode(real(name), name)
    told = (decoded.format, decoded.width, decoded.height, str(decoded.taken_at), decoded.taken_offset_minutes)
    assert told == REAL_PHOTOS[name]
    for rendition in decoded.renditions:
        assert segments(rendition.jpeg) <= {0xE0, 0xDB, 0xC0, 0xC4}
        assert not told_by_exiftool(tmp_path, rendition.jpeg)


def test_half_of_a_real_phones_photo_is_refused():
    for name in ("iphone-11-pro.heic", "galaxy-s10-gps.heic", "iphone-6-gps.jpg"):
        assert refused(half(real(name)), name).code == "damaged"
