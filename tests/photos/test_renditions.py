"""The quick way gives what Pillow gives and leaves to it what is odd; renditions are even, upright and small enough."""

import io
import os
import random
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageOps

from portal.photos import pixels, renditions
from portal.photos.decode import decode
from tests.photos import make_images as make
from tests.photos.looking import real

GRAIN = np.random.default_rng(1).integers(0, 256, (600, 2304, 3), dtype=np.uint8)
SAVED = {
    "every colour": {"subsampling": 0},
    "half the colours": {"subsampling": 1},
    "a quarter of the colours": {"subsampling": 2},
    "restarts": {"restart_marker_rows": 2},
    "its own tables": {"optimize": True},
}


def grain(width: int, height: int) -> Image.Image:
    return Image.fromarray(GRAIN).resize((width, height))


def by_pillow(raw: bytes) -> renditions.Pixels:
    image = Image.open(io.BytesIO(raw))
    image.draft(None, renditions.draft_size(*image.size))
    return renditions.as_pixels(image)


@pytest.mark.parametrize("options", SAVED.values(), ids=SAVED)
@pytest.mark.parametrize("size", [(1501, 601), (4032, 601), (7999, 480)])
def test_the_quick_way_gives_the_values_pillow_gives(size, options):
    raw = make.saved(grain(*size), "JPEG", **options)
    assert np.array_equal(renditions.of_jpeg(raw, *size), by_pillow(raw))


@pytest.mark.parametrize("where", [-2, -900], ids=["after the picture", "in the picture"])
def test_what_is_damaged_a_little_is_read_by_pillow(where):
    whole = make.saved(grain(4032, 600), "JPEG")
    raw = whole[:where] + b"\xff\x01\x02\x03" + whole[where:]
    assert renditions.of_jpeg(raw, 4032, 600) is None
    decoded = decode(raw)
    assert (decoded.renditions == decode(whole).renditions) is (where == -2)


def test_a_jpeg_of_many_scans_is_read_once_by_pillow():
    plain, progressive = (make.saved(make.scene(), "JPEG", progressive=many) for many in (False, True))
    assert renditions.of_jpeg(progressive, 800, 600) is not None
    assert pixels._quick(Image.open(io.BytesIO(progressive)), progressive) is None
    assert pixels._quick(Image.open(io.BytesIO(plain)), plain) is not None


@pytest.mark.parametrize("width", [300, 4032])
def test_the_pixels_of_a_heif_are_copied_before_its_decoder_lets_go_of_them(monkeypatch, width):
    pixels = np.asarray(grain(width, 200))
    memory = bytearray(pixels.tobytes())

    class Decoder:
        @property
        def __array_interface__(self) -> dict[str, object]:
            return pixels.__array_interface__ | {"data": memory}

        def __del__(self) -> None:
            memory[:] = bytes(len(memory))

    monkeypatch.setattr(renditions.pi_heif, "open_heif", lambda *_, **__: Decoder())
    assert np.array_equal(renditions.of_heif(b""), renditions._shrunk(pixels, 2048))
    assert not any(memory), "the decoder is gone"


@pytest.mark.parametrize("name", ["iphone-11-pro.heic", "galaxy-s24-fe.heic"])
def test_a_heif_is_read_the_same_where_freed_memory_is_overwritten(name):
    script = (
        "import io, sys; import numpy as np; from PIL import Image; from portal.photos import pixels, renditions\n"
        "pixels.prepare(); raw = sys.stdin.buffer.read(); found = renditions.of_heif(raw)\n"
        "meant = renditions._shrunk(renditions.as_pixels(Image.open(io.BytesIO(raw))), 2048)\n"
        "sys.exit(not np.array_equal(found, meant))"
    )
    environment = os.environ | {"MALLOC_PERTURB_": "165"}
    subprocess.run([sys.executable, "-c", script], input=real(name), env=environment, timeout=60, check=True)


def test_a_picture_without_colours_is_not_read_as_one_with_them():
    grey = make.saved(make.scene().convert("L"), "JPEG")
    assert pixels._quick(Image.open(io.BytesIO(grey)), grey) is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_is_what_exif_means(orientation):
    image = grain(41, 30)
    image.getexif()[0x0112] = orientation
    meant = renditions.as_pixels(ImageOps.exif_transpose(image))
    assert np.array_equal(renditions.upright(renditions.as_pixels(image), orientation), meant)


@pytest.mark.parametrize(
    "longest, sides",
    [
        (200, [200, 200, 200]),
        (640, [640, 640, 320]),
        (1800, [1800, 1024, 320]),
        (1900, [1900, 950, 320]),
        (2048, [2048, 1024, 320]),
        (2304, [2048, 1024, 320]),
        (3686, [2048, 1024, 320]),
        (4033, [2016, 1008, 320]),
        (8001, [2000, 1000, 320]),
    ],
)
def test_no_rendition_is_longer_than_its_side(longest, sides):
    for size in ((longest, longest // 3, 3), (longest // 3, longest, 3)):
        made = renditions.made_of(np.full(size, 90, np.uint8))
        assert [max(one.shape) for one in made] == sides
        assert all(abs(max(one.shape) / min(one.shape[:2]) - 3) < 0.05 for one in made)
        assert all((one == 90).all() for one in made)


def test_a_picture_that_shrinks_a_little_shows_no_stripes():
    """Averaged areas would: from 2304 to 2048 every eighth column keeps a quarter more of the grain."""
    large = renditions.made_of(GRAIN)[0]
    kept = large[..., 0].std(axis=0).reshape(-1, 8).mean(axis=0)
    assert large.shape[1] == 2048
    assert kept.max() / kept.min() < 1.2


def damaged(raw: bytes, how: str, rng: random.Random) -> bytes:
    at, length = rng.randrange(2, len(raw)), rng.randrange(1, 300)
    match how:
        case "cut":
            return raw[:at]
        case "flipped":
            return raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :]
        case "zeroed":
            return raw[:at] + bytes(length) + raw[at + length :]
        case "doubled":
            return raw[: at + length] + raw[at:]
    return raw[:at] + rng.randbytes(length) + raw[at:]


@pytest.mark.parametrize("how", ["cut", "flipped", "zeroed", "doubled", "stuffed"])
def test_no_damage_gives_the_quick_way_another_picture(how):
    rng, whole = random.Random(how), make.saved(grain(400, 300), "JPEG", quality=80)
    read = 0
    for _ in range(300):
        raw = damaged(whole, how, rng)
        try:
            size = Image.open(io.BytesIO(raw)).size
            meant = by_pillow(raw)
        except (OSError, SyntaxError, ValueError):
            size, meant = (400, 300), None
        if (found := renditions.of_jpeg(raw, *size)) is not None:
            read += 1
            assert meant is not None
            assert np.array_equal(found, meant)
    assert read or how == "cut"
