"""What lies on the disk after photos were sent, byte by byte: no picture, no place, no word of a file."""

import tempfile
from pathlib import Path

import pytest

from tests.photos import make_images as make
from tests.photos import make_scalps as scalps

# Among sealed bytes any three are found by chance, once in 16 million places; with the fourth, which names the first
# segment, the search does not err.
JPEG_STARTS = [b"\xff\xd8\xff" + bytes([marker]) for marker in (0xE0, 0xE1, 0xE2, 0xDB, 0xC0, 0xFE)]
PNG_START, RIFF, HEIC = b"\x89PNG\r\n", b"WEBPVP8", b"ftypheic"
LATITUDE = bytes([0, 0, 0, 52, 0, 0, 0, 1, 0, 0, 0, 31, 0, 0, 0, 1])  # 52° 31' as EXIF has it, big-endian
LATITUDE_LITTLE = bytes([52, 0, 0, 0, 1, 0, 0, 0, 31, 0, 0, 0, 1, 0, 0, 0])
PLANTED = [*JPEG_STARTS, PNG_START, RIFF, HEIC, make.SECRET, b"Exif", b"GPSLatitude", LATITUDE, LATITUDE_LITTLE]


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """The folders the portal writes to, those for passing things included."""
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    return lambda: [path for path in tmp_path.rglob("*") if path.is_file()]


def found_in(paths: list[Path]) -> set[tuple[str, bytes]]:
    contents = [(path.name, path.read_bytes()) for path in paths]
    return {(name, mark) for name, content in contents for mark in PLANTED if mark in content}


def test_the_search_finds_what_it_looks_for(tmp_path):
    for name, raw in (("a.jpg", make.phone_jpeg()), ("b.png", make.phone_png()), ("c.webp", make.phone_webp())):
        (tmp_path / name).write_bytes(raw)
    marks = {mark for _, mark in found_in(list(tmp_path.iterdir()))}
    assert {make.SECRET, PNG_START, RIFF, b"Exif"} <= marks
    assert marks & {LATITUDE, LATITUDE_LITTLE}
    assert marks & set(JPEG_STARTS)


def test_nothing_of_a_photo_lies_on_the_disk_in_plain(alice_browser, bob_browser, disk, run_jobs):
    raws = [
        ("a.jpg", make.phone_jpeg(6) + b"\0" * (2 << 20)),
        ("b.png", make.phone_png()),
        ("c.webp", make.phone_webp()),
        ("d.jpg", scalps.dated()),
        (f"{make.SECRET.decode()}.jpg", make.phone_jpeg(3)),
        ("broken.jpg", make.phone_jpeg()[:9000]),
    ]
    answer = alice_browser.post("/photos", data={"view": "crown"}, files=[("photos", raw) for raw in raws])
    assert answer.status_code == 422, "the broken one is told"
    run_jobs()
    for browser in (alice_browser, bob_browser):
        page = alice_browser.get("/photos").text
        photo = next(part[:36] for part in page.split('href="/photos/')[1:] if part[36:37] == '"')
        for end in ("", "/small.jpg", "/medium.jpg", "/large.jpg", "/original"):
            assert browser.get(f"/photos/{photo}{end}").status_code == 200
    paths = disk()
    assert len(paths) > 20
    assert found_in(paths) == set()
