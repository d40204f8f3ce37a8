"""Photos over HTTP: sent, seen by whom they belong to and by nobody else, without a trace of metadata."""

import io
import re
from datetime import datetime

from PIL import Image
from starlette.testclient import TestClient

from portal.kit import limits
from portal.kit.db import transaction
from portal.kit.routing import UsedForm
from portal.photos import service
from portal.photos.decode import decode
from tests.make import a_jpeg
from tests.photos import make_scalps as scalps
from tests.photos.looking import spoil

TAKEN = datetime(2026, 3, 28, 10, 0)  # noqa: DTZ001 - a camera's local clock


def send(browser: TestClient, raw: bytes, name: str = "IMG_1.jpg", **fields: str):
    return browser.post("/photos", data={"view": "crown", **fields}, files={"photos": (name, raw, "image/jpeg")})


def first_photo(browser: TestClient) -> str:
    return re.search(r"/photos/([0-9a-f-]{36})\"", browser.get("/photos").text)[1]


def test_a_photo_is_stored_upright_and_without_a_trace(alice_browser, tmp_path):
    answer = send(alice_browser, a_jpeg(taken_at=TAKEN, gps=True, orientation=6))
    assert answer.status_code == 303
    photo = first_photo(alice_browser)
    for size in ("small", "medium", "large"):
        shown = alice_browser.get(f"/photos/{photo}/{size}.jpg")
        assert shown.headers["cache-control"] == "private, no-store"
        image = Image.open(io.BytesIO(shown.content))
        assert image.height > image.width, "turned upright"
        assert not image.getexif()
        assert b"Exif" not in shown.content
    stored = [path.read_bytes() for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
    assert len(stored) == 4
    assert not any(b"\xff\xd8\xff" in data[:64] or b"Exif" in data for data in stored), "sealed at rest"


def test_the_date_comes_from_the_file(alice_browser):
    send(alice_browser, a_jpeg(taken_at=TAKEN))
    assert "28 March 2026" in alice_browser.get("/photos").text


def test_the_date_is_asked_when_the_file_has_none(alice_browser):
    assert send(alice_browser, scalps.undated()).headers["location"] == "/photos/sent"
    assert alice_browser.get("/photos/sent").headers["location"] == "/photos/undated"
    photo = first_photo(alice_browser)
    assert alice_browser.post(f"/photos/{photo}/date", data={"taken_on": "2026-02-01"}).status_code == 303
    assert "1 February 2026" in alice_browser.get("/photos").text


def test_a_camera_that_lives_in_the_future_is_not_believed(alice_browser):
    send(alice_browser, a_jpeg(taken_at=datetime(2094, 1, 1)))  # noqa: DTZ001
    assert "2094" not in alice_browser.get("/photos").text
    assert "no date" in alice_browser.get("/photos/sent").text


def test_a_date_in_the_future_is_refused_beside_the_field(alice_browser):
    answer = send(alice_browser, a_jpeg(), taken_on="2094-01-01")
    assert answer.status_code == 422
    assert "cannot be from the future" in answer.text
    assert 'value="2094-01-01"' in answer.text


def test_the_same_photo_twice_is_stored_once(alice_browser, tmp_path):
    raw = a_jpeg(taken_at=TAKEN)
    send(alice_browser, raw)
    send(alice_browser, raw, name="copy.jpg")
    assert sum(path.is_file() for path in (tmp_path / "uploads").rglob("*")) == 4


def test_a_bad_file_does_not_cost_the_good_one(alice_browser):
    files = [
        ("photos", ("good.jpg", a_jpeg(taken_at=TAKEN), "image/jpeg")),
        ("photos", ("bad.jpg", b"no photo", "image/jpeg")),
    ]
    answer = alice_browser.post("/photos", data={"view": "crown"}, files=files)
    assert answer.status_code == 422
    assert "good.jpg: Safely stored." in answer.text
    assert "bad.jpg" in answer.text
    assert "28 March 2026" in alice_browser.get("/photos").text


def test_no_view_and_no_file_are_said_beside_the_fields(alice_browser):
    assert alice_browser.post("/photos", data={"view": "crown"}).status_code == 422
    answer = alice_browser.post("/photos", files={"photos": ("a.jpg", a_jpeg(), "image/jpeg")})
    assert answer.status_code == 422
    assert "Please fill this in." in answer.text


def test_a_stranger_finds_nothing(alice_browser, charlie_browser, dana_browser, visitor):
    send(alice_browser, a_jpeg(taken_at=TAKEN))
    photo = first_photo(alice_browser)
    for path in (f"/photos/{photo}", f"/photos/{photo}/small.jpg", f"/photos/{photo}/large.jpg"):
        assert charlie_browser.get(path).status_code == 404
        assert dana_browser.get(path).status_code == 404, "an admin sees no photos"
        assert visitor.get(path).status_code == 303


def test_the_client_reads_who_looked(alice_browser, bob_browser):
    send(alice_browser, a_jpeg(taken_at=TAKEN))
    photo = first_photo(alice_browser)
    assert "Nobody has looked yet" in alice_browser.get("/photos/who-looked").text
    bob_browser.get(f"/photos/{photo}/medium.jpg")
    assert "Bob Birch" in alice_browser.get("/photos/who-looked").text


def test_a_photo_may_have_25_megabytes_and_no_more(alice_browser):
    answer = send(alice_browser, a_jpeg() + b"\0" * (26 << 20))
    assert answer.status_code == 422
    assert "larger than 25 MB" in answer.text


def test_our_script_gets_a_short_answer(alice_browser):
    answer = alice_browser.post(
        "/photos",
        data={"view": "crown"},
        files={"photos": ("a.jpg", a_jpeg(taken_at=TAKEN), "image/jpeg")},
        headers={"accept": "application/json"},
    )
    photo = first_photo(alice_browser)
    told = answer.json()
    assert {fault["code"] for fault in told.pop("faults")} == {"background", "small"}
    assert told == {
        "ok": True,
        "sentence": "Safely stored. It is from before you joined us, and stands as an earlier photo.",
        "next": "/photos/sent",
        "photo": photo,
        "again": False,
        "keep": f"/photos/{photo}/keep",
    }


def test_a_damaged_file_is_said_and_shows_nothing(alice_browser, tmp_path):
    send(alice_browser, a_jpeg(taken_at=TAKEN))
    photo = first_photo(alice_browser)
    for path in (tmp_path / "uploads").rglob("*"):
        if path.is_file():
            spoil(path)
    answer = alice_browser.get(f"/photos/{photo}/small.jpg")
    assert answer.status_code == 404
    assert "cannot be opened any more" in answer.text


def test_while_photos_are_read_others_can_write(alice_browser, bob_browser, engine, monkeypatch):
    """All photos of a form are decoded before the first is stored: decoding must not hold the database's lock."""
    seen = []

    def slow_and_watched(raw, filename, **more):
        with transaction(engine) as db:  # would wait five seconds and fail, were the lock held
            seen.append(db.connection().exec_driver_sql("SELECT count(*) FROM photo").scalar_one())
            db.add(UsedForm(fingerprint=str(len(seen)), location="/"))
        return decode(raw, filename, **more)

    monkeypatch.setattr(service, "decode", slow_and_watched)
    files = [
        ("photos", (f"{shade}.jpg", a_jpeg(taken_at=TAKEN, shade=shade), "image/jpeg")) for shade in (60, 120, 180)
    ]
    assert alice_browser.post("/photos", data={"view": "crown"}, files=files).status_code == 303
    assert seen == [0, 0, 0]


def test_a_large_body_is_read_only_for_who_is_signed_in(visitor):
    answer = send(visitor, a_jpeg() + b"\0" * (1 << 20))
    assert answer.headers["location"].startswith("/sign-in")
    many = {f"field{number}": "x" * 30_000 for number in range(30)}
    assert visitor.post("/photos", data=many, files={"photos": ("a.jpg", b"x", "image/jpeg")}).status_code == 303


def test_too_many_files_are_named_as_such(alice_browser):
    files = [("photos", (f"{number}.jpg", b"x", "image/jpeg")) for number in range(31)]
    answer = alice_browser.post("/photos", data={"view": "crown"}, files=files)
    assert answer.status_code == 400
    assert "At most 30 photos" in answer.text


def test_the_photo_of_a_side_effect_counts_like_any_other(alice_browser, engine, alice):
    said = {"flags_answer": "none", "symptoms": "other", "trend": "same"}
    photo = {"photo": ("a.jpg", a_jpeg(taken_at=TAKEN), "image/jpeg")}
    assert alice_browser.post("/side-effects/new", data=said, files=photo).status_code == 303
    with transaction(engine) as db:
        assert db.connection().exec_driver_sql("SELECT view FROM photo").scalar_one() == "side_effect"
        allowed = [limits.allowed(db, "photos", str(alice.id), limit=1, seconds=3600)]
    assert allowed == [False], "one was spent by the report"
