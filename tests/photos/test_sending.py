"""Sending photos: thirty at once, the same twice, without consent, while the store is away; nothing half-stored."""

import contextlib
import gc
import io
import os
import tempfile
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from portal.consents import service as consents
from portal.consents.rules import Purpose
from portal.kit.db import transaction
from portal.kit.errors import Refused, Unavailable
from portal.photos import service
from portal.photos.decode import decode
from portal.photos.models import Photo
from portal.photos.rules import DateSource, HairLength, Parting, Product, Wetness
from portal.photos.vault import Vault
from portal.photos.views import View
from tests.make import a_jpeg
from tests.make_consents import a_signed_consent
from tests.photos import make_scalps as scalps

JSON = {"accept": "application/json"}


def send(browser: TestClient, *raws: bytes, view: str = "crown", headers: dict[str, str] | None = None, **fields: str):
    files = [("photos", (f"IMG_{number}.jpg", raw, "image/jpeg")) for number, raw in enumerate(raws)]
    return browser.post("/photos", data={"view": view, **fields}, files=files, headers=headers)


@pytest.fixture
def stored(engine):
    def photos() -> list[Photo]:
        with transaction(engine, write=False) as db:
            return list(db.exec(select(Photo).order_by(Photo.received_at)).all())

    return photos


@pytest.fixture
def files(tmp_path):
    return lambda: [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]


def test_a_good_photo_is_told_to_be_good(alice_browser, stored):
    answer = send(alice_browser, scalps.dated(), headers=JSON).json()
    (photo,) = stored()
    assert (answer["ok"], answer["faults"], answer["keep"], answer["photo"]) == (True, [], None, str(photo.id))
    assert photo.measured is not None
    assert photo.measured.short_side == 1200


def test_what_the_camera_knew_is_kept_with_its_zone(alice_browser, stored):
    send(alice_browser, scalps.dated())
    (photo,) = stored()
    assert (photo.taken_on, photo.taken_zone, photo.date_source) == (date(2026, 3, 14), "+02:00", DateSource.CAMERA)
    assert photo.taken_at.isoformat() == "2026-03-14T07:26:53+00:00"


def test_what_was_said_of_the_hair_is_kept(alice_browser, stored):
    send(alice_browser, scalps.dated(), wetness="dry", product="none", parting="other", length="shorter")
    send(alice_browser, scalps.dated(shot=2))
    said, unsaid = stored()
    assert (said.wetness, said.product) == (Wetness.DRY, Product.NONE)
    assert (said.parting, said.length) == (Parting.OTHER, HairLength.SHORTER)
    assert (unsaid.wetness, unsaid.length) == (Wetness.UNKNOWN, HairLength.UNKNOWN)


def test_a_photo_from_before_the_first_visit_is_told_and_kept(alice_browser, stored):
    answer = send(alice_browser, scalps.dated(), headers=JSON).json()
    assert "before you joined us" in answer["sentence"]
    assert stored()[0].taken_on == date(2026, 3, 14)


def test_each_fault_is_told_with_what_to_do_and_the_way_to_keep_it(alice_browser, stored):
    answer = send(alice_browser, scalps.jpeg(scalps.blurred(scalps.good())), headers=JSON)
    (photo,) = stored()
    assert answer.status_code == 200
    assert answer.json()["faults"] == [
        {"code": "blurred", "sentence": "The hair is not sharp. Hold the phone still, or rest your elbows."}
    ]
    assert answer.json()["keep"] == f"/photos/{photo.id}/keep"
    assert photo.faults == ["blurred"], "stored all the same"


def test_a_small_file_is_told_and_nothing_is_asked(alice_browser, stored):
    small = scalps.jpeg(scalps.good().resize((900, 1200)))
    answer = send(alice_browser, small, headers=JSON).json()
    assert [fault["code"] for fault in answer["faults"]] == ["small"]
    assert answer["keep"] is None
    assert alice_browser.get("/photos/sent").headers["location"] == "/photos"


def test_a_photo_is_compared_with_the_last_good_one_of_its_view(alice_browser):
    send(alice_browser, scalps.dated())
    softer = scalps.jpeg(scalps.blurred(scalps.good(shot=2), 0.85))
    assert [fault["code"] for fault in send(alice_browser, softer, headers=JSON).json()["faults"]] == ["blurred"]
    assert send(alice_browser, softer[:-2] + b"\0\xff\xd9", view="back", headers=JSON).json()["faults"] == []


def test_thirty_phone_photos_pass_in_one_form(alice_browser, stored):
    """4 MB each: what is behind the picture does not matter to the decoder, only to the way."""
    raws = [a_jpeg(taken_at=scalps.TAKEN, shade=60 + number) + os.urandom(4 << 20) for number in range(30)]
    answer = send(alice_browser, *raws)
    assert answer.headers["location"] == "/photos/sent"
    assert len(stored()) == 30


def test_of_many_only_one_lies_in_memory(alice_browser, engine, monkeypatch):
    alive = []

    def watched(raw, filename, **more):
        alive.append(sum(isinstance(one, service.Upload) for one in gc.get_objects()))
        return decode(raw, filename, **more)

    monkeypatch.setattr(service, "decode", watched)
    send(alice_browser, *(a_jpeg(taken_at=scalps.TAKEN, shade=number) for number in (60, 90, 120)))
    assert alive == [1, 1, 1]


def test_spooled_files_have_no_name(alice_browser, tmp_path, monkeypatch):
    """Starlette keeps parts over a megabyte in the system's folder for such files, in plain: they must be nameless."""
    spool, seen = tmp_path / "spool", []
    spool.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))

    def watched(raw, filename, **more):
        seen.append((list(spool.rglob("*")), _open_below(spool)))
        return decode(raw, filename, **more)

    monkeypatch.setattr(service, "decode", watched)
    send(alice_browser, *(a_jpeg(taken_at=scalps.TAKEN, shade=shade) + b"\0" * (3 << 20) for shade in (60, 120)))
    assert [named for named, _ in seen] == [[], []]
    assert seen[0][1], "the second waits there"
    assert not seen[1][1], "and is closed, which deletes it, as soon as it was read"


def _open_below(folder: Path) -> list[str]:
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            found.append(str(link.readlink()))
    return [path for path in found if path.startswith(str(folder))]


def test_the_same_file_again_is_found_whatever_its_name_and_view(alice_browser, stored, files):
    send(alice_browser, scalps.dated())
    before = len(files())
    answer = send(alice_browser, scalps.dated(), view="midline", headers=JSON).json()
    (photo,) = stored()
    assert (answer["ok"], answer["again"], answer["photo"]) == (True, True, str(photo.id))
    assert answer["sentence"] == "You sent this photo before, as Crown; it is kept once."
    assert len(files()) == before
    page = alice_browser.get("/photos/sent").text
    assert "Perhaps it is “Mid-line parting”" in page
    alice_browser.post(f"/photos/{photo.id}/view", data={"view": "midline"})
    assert stored()[0].view is View.MIDLINE


def test_the_same_file_twice_in_one_form_is_stored_once(alice_browser, stored, files):
    send(alice_browser, scalps.dated(), scalps.dated())
    assert len(stored()) == 1
    assert len(files()) == 4


def test_the_same_file_after_another_request_was_quicker(db, app, alice, monkeypatch):
    vault = Vault(app.state.storage, app.state.photo_master)
    upload = service.Upload(scalps.dated(), "a.jpg", View.CROWN)
    first = service.take_in(db, vault, alice, alice.id, upload)
    found = service.queries.by_content
    answers = iter([None])  # it looked a moment too early
    monkeypatch.setattr(service.queries, "by_content", lambda *asked: next(answers, None) or found(*asked))
    again = service.take_in(db, vault, alice, alice.id, upload)
    assert (again.again, again.photo.id) == (True, first.photo.id)


def test_the_same_file_is_another_clients_own(alice_browser, charlie_browser, stored):
    send(alice_browser, scalps.dated())
    assert send(charlie_browser, scalps.dated(), headers=JSON).json()["again"] is False
    assert len(stored()) == 2


def test_no_photo_is_taken_in_after_the_consent_was_withdrawn(alice_browser, engine, alice):
    with transaction(engine) as db:
        consent = a_signed_consent(db, alice, None, Purpose.PHOTO_RECORD)
    assert send(alice_browser, scalps.dated()).status_code == 303
    with transaction(engine) as db:
        consents.withdraw(db, alice, consent.id)
    answer = send(alice_browser, scalps.dated(shot=2), headers=JSON)
    assert answer.status_code == 422
    assert "withdrawn your consent" in answer.json()["sentence"]
    page = send(alice_browser, scalps.dated(shot=2))
    assert (page.status_code, "withdrawn your consent" in page.text) == (422, True)
    asked = alice_browser.get("/photos/new")
    assert asked.status_code == 409
    assert 'href="/consents"' in asked.text


def test_no_side_effects_photo_either(db, app, alice):
    consent = a_signed_consent(db, alice, None, Purpose.PHOTO_RECORD)
    consents.withdraw(db, alice, consent.id)
    vault = Vault(app.state.storage, app.state.photo_master)
    with pytest.raises(Refused):
        service.take_in(db, vault, alice, alice.id, service.Upload(scalps.dated(), "a.jpg", View.SIDE_EFFECT))


class FullAfter:
    """A store that takes so many objects and then no more."""

    def __init__(self, storage, room: int) -> None:
        self.storage, self.room = storage, room

    def put(self, name: str, sealed: bytes) -> None:
        if self.room == 0:
            raise Unavailable("The file could not be stored just now. Nothing was saved; please try again later.")
        self.room -= 1
        self.storage.put(name, sealed)

    def __getattr__(self, name: str):
        return getattr(self.storage, name)


@pytest.mark.parametrize("room", range(4))
def test_a_full_store_is_said_and_nothing_is_half_stored(app, alice_browser, stored, files, room):
    app.state.storage = FullAfter(app.state.storage, room)
    answer = send(alice_browser, scalps.dated(), headers=JSON)
    assert answer.status_code == 503
    assert "could not be stored just now" in answer.text
    assert (stored(), files()) == ([], [])


def test_of_many_what_was_stored_before_the_store_was_full_is_kept(app, alice_browser, stored, files):
    app.state.storage = FullAfter(app.state.storage, 6)
    answer = send(alice_browser, scalps.dated(), scalps.dated(shot=2))
    assert answer.status_code == 422
    assert "IMG_0.jpg: Safely stored." in answer.text
    assert "IMG_1.jpg: The file could not be stored just now." in answer.text
    assert (len(stored()), len(files())) == (1, 4)


def test_a_store_that_cannot_be_written_is_said(app, alice_browser, stored, tmp_path):
    blocked = tmp_path / "uploads"
    blocked.rmdir()
    blocked.write_bytes(b"not a folder")
    answer = send(alice_browser, scalps.dated())
    assert answer.status_code == 503
    assert "Nothing was saved" in answer.text
    assert stored() == []


def test_no_room_to_spool_is_said(alice_browser, monkeypatch):
    class Full(io.BytesIO):
        def __init__(self, **_: object) -> None:
            super().__init__()

        def write(self, _: bytes) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("starlette.formparsers.SpooledTemporaryFile", Full)
    answer = send(alice_browser, scalps.dated())
    assert answer.status_code == 503
    assert "no room" in answer.text


def test_a_row_that_cannot_be_written_leaves_no_files(alice_browser, files, monkeypatch):
    def broken(*_: object) -> None:
        raise Unavailable("The portal is very busy. Nothing was saved; please try again in a minute.")

    monkeypatch.setattr(service.audit, "record", broken)
    assert send(alice_browser, scalps.dated()).status_code == 503
    assert files() == []


def test_the_view_of_a_side_effect_is_none_to_choose(alice_browser):
    assert send(alice_browser, scalps.dated(), view="side_effect").status_code == 422


def test_the_page_asks_for_the_views_of_the_clients_hair_loss(alice_browser, bob_browser, alice):
    assert "The patch" in alice_browser.get("/photos/new").text
    first = alice_browser.get("/photos/new").text.index
    assert first("Crown") < first("The patch"), "folded away below the asked ones"
    assert bob_browser.post(f"/clients/{alice.id}/photos/plan", data={"presentation": "patchy"}).status_code == 303
    first = alice_browser.get("/photos/new").text.index
    assert first("The patch") < first("Mid-line parting")
    assert bob_browser.post(f"/clients/{alice.id}/photos/plan", data={"presentation": "frontal"}).status_code == 303
    assert 'value="frontal" selected' in bob_browser.get(f"/clients/{alice.id}/photos").text
