import time
from pathlib import Path

import pytest
from PIL import Image

from portal.photos import decode as module
from portal.photos.decode import MAX_BYTES, BadPhoto, decode
from portal.photos.refusals import SENTENCES
from tests.photos import make_images as make
from tests.photos.looking import half, refused


@pytest.mark.parametrize("name", [None, "", "image", "IMG.JPG", "a.jpeg", "b.jpe", "C:\\fakepath\\c.jfif", " d.jpg "])
def test_usual_names_are_fine(name):
    assert decode(make.saved(make.scene(300, 300), "JPEG"), name).format == "JPEG"


@pytest.mark.parametrize(
    "name",
    [
        "IMG_1.jpg",
        "a.heic",
        "Photo 22.11.2026",
        "my photo no. 3",
        "photo.",
        "a.b.c",
        ".jpg",
        "x.bin",
        "../../etc/passwd",
    ],
)
def test_the_content_decides_and_not_the_name(name):
    assert decode(make.saved(make.scene(300, 300), "PNG"), name).format == "PNG"


@pytest.mark.parametrize(
    "name", ["photo.jpg.php", "photo.svg", "photo.jpg\0.exe", "x.HTML", "x.pdf", "x.mov", "a.zip ", "\u202egpj.exe"]
)
def test_a_name_that_claims_to_be_no_photo_is_refused(name):
    bad = refused(make.saved(make.scene(), "JPEG"), name)
    assert bad.code == "name_not_accepted"
    assert name.strip().rpartition(".")[2].lower() in bad.sentence


@pytest.mark.parametrize("kind", make.OTHER_TYPES)
def test_other_kinds_of_file_are_refused_by_their_name(kind):
    words, build = make.OTHER_TYPES[kind]
    bad = refused(build(), "photo.jpg")
    assert bad.code == "type_not_accepted"
    assert f"This is {words}" in bad.sentence


HOSTILE = {
    "nothing": (lambda: b"", "empty"),
    "text": (lambda: b"Dear clinic, here is my photo. " * 50, "not_an_image"),
    "a program": (lambda: b"\x7fELF" + bytes(4000), "not_an_image"),
    "over 25 MB": (lambda: make.saved(make.scene(), "JPEG") + bytes(MAX_BYTES), "too_large"),
    "text behind a JPEG header": (lambda: b"\xff\xd8\xff\xe0" + b"<script>alert(1)</script>" * 200, "damaged"),
    "half a JPEG": (lambda: half(make.saved(make.scene(), "JPEG")), "damaged"),
    "half a PNG": (lambda: half(make.saved(make.scene(), "PNG")), "damaged"),
    "half a WebP": (lambda: half(make.saved(make.scene(), "WEBP")), "damaged"),
    "half a large JPEG": (lambda: half(make.saved(make.scene(4000, 3000), "JPEG")), "damaged"),
    "a PNG of wrong checksums": (lambda: make.saved(make.scene(), "PNG").replace(b"IDAT", b"IDAT\1", 1), "damaged"),
    "HEIC without content": (lambda: make.boxed(b"heic"), "damaged"),
    "a moving PNG": (lambda: make.animated("PNG"), "animated"),
    "a moving WebP": (lambda: make.animated("WEBP"), "animated"),
    "a HEIF film": (lambda: make.boxed(b"hevc"), "animated"),
    "one pixel": (lambda: make.saved(make.scene(1, 1), "PNG"), "too_small"),
    "a stripe": (lambda: make.saved(make.scene(4000, 199), "JPEG"), "too_small"),
    "61 megapixels": (lambda: make.saved(Image.new("L", (8000, 7626)), "PNG"), "too_many_pixels"),
    "111 megapixels of JPEG": (lambda: make.saved(Image.new("L", (12_000, 9_250)), "JPEG"), "too_many_pixels"),
    "a long side": (lambda: make.saved(Image.new("L", (12_001, 300)), "PNG"), "too_many_pixels"),
    "a pixel bomb": (make.pixel_bomb, "too_many_pixels"),
    "a text bomb": (make.text_bomb, "bomb"),
    "a profile bomb": (make.profile_bomb, "bomb"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_their_own_reason_and_little_memory(name):
    build, code = HOSTILE[name]
    raw = build()
    before = _memory_now_and_peak_from_here()
    assert refused(raw, timeout=20).code == code
    assert _peak() - before < 48 << 20


def test_a_progressive_jpeg_is_a_photo():
    raw = make.saved(make.scene(400, 400), "JPEG", progressive=True)
    assert raw.count(b"\xff\xda") > 5
    assert decode(raw).format == "JPEG"
    assert decode(make.with_more_scans(raw, 60)).format == "JPEG"


def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_read(monkeypatch):
    raw = make.with_more_scans(make.saved(Image.new("L", (3000, 3000), 128), "JPEG", progressive=True), 3000)
    monkeypatch.setattr(module, "_CAGE", None)
    began = time.monotonic()
    assert refused(raw).code == "too_many_scans"
    assert time.monotonic() - began < 10


def test_a_sequential_jpeg_of_thousands_of_scans_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(module, "_CAGE", None)
    raw = make.in_one_colour_a_scan(make.saved(make.scene(300, 300), "JPEG"), 3000)
    assert refused(raw).code == "too_many_scans"


def test_scans_are_counted_in_the_picture_and_nowhere_else(monkeypatch):
    """In a preview before it, in the film behind it: there the two bytes mean nothing."""
    raw, many = make.saved(make.scene(300, 300), "JPEG"), b"\xff\xda\0\2" * 500
    assert decode(raw + many).format == "JPEG"
    assert decode(raw[:2] + b"\xff\xe7" + (len(many) + 2).to_bytes(2) + many + raw[2:]).format == "JPEG"
    monkeypatch.setattr(module, "_CAGE", None)
    hidden = raw[:2] + b"\xff\xfe\0\2" * 20_000 + many + raw[2:]
    assert refused(hidden).code == "too_many_scans", "nor are millions of segments read to find out"


def test_all_sentences_can_be_said():
    for code in SENTENCES:
        assert len(BadPhoto(code, ending=".gif", kind="a GIF").sentence) > 20


def test_a_photo_that_takes_too_long_is_given_up():
    assert refused(make.saved(make.scene(4000, 3000), "PNG"), timeout=0.01).code == "too_slow"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\0\0\2{}",
        b"\0\0\0\x09",
        b"\xff\xff\xff\xff{}",
        b'\0\0\0\x13{"refused": "other"}',
        b'\0\0\0\x11{"refused": ["x"]}',
        b'\0\0\0\x5c{"format":"JPEG","size":[9,9],"taken":null,"offset":null,"dhash":"0123456789abcdef","renditions":[]}',
    ],
)
def test_what_a_child_answers_is_not_trusted(answer):
    with pytest.raises(BadPhoto) as caught:
        module._distrusted(answer)
    assert caught.value.code == "unreadable"


def _status(field: str) -> int:
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) << 10


def _memory_now_and_peak_from_here() -> int:
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")
