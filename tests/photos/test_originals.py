"""The original is what was sent, to the bit; it is only downloaded, and each time written down."""

import hashlib
import os

import pytest
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.kit.db import transaction
from portal.photos import service
from tests.make import a_jpeg
from tests.photos import make_images as make
from tests.photos import make_scalps as scalps

RAW = {
    "JPEG": (lambda: make.phone_jpeg(6) + os.urandom(50), "image/jpeg", "photo.jpg"),
    "PNG": (make.phone_png, "image/png", "photo.png"),
    "WebP": (make.phone_webp, "image/webp", "photo.webp"),
}


@pytest.fixture
def handed_out(monkeypatch):
    heard = []
    monkeypatch.setattr(service, "HANDED_OUT", service.Event())
    service.HANDED_OUT.listen(lambda _, viewer, photo: heard.append((viewer.name, photo.id)))
    return heard


def _send(browser, raw: bytes, name: str = "a.jpg") -> str:
    answer = browser.post(
        "/photos", data={"view": "crown"}, files={"photos": (name, raw)}, headers={"accept": "application/json"}
    )
    return str(answer.json()["photo"])


@pytest.mark.parametrize("kind", RAW)
def test_it_is_what_was_sent(alice_browser, bob_browser, handed_out, kind):
    build, media_type, name = RAW[kind]
    raw = build()
    photo = _send(alice_browser, raw, name)
    for browser in (alice_browser, bob_browser):
        answer = browser.get(f"/photos/{photo}/original")
        assert hashlib.sha256(answer.content).digest() == hashlib.sha256(raw).digest()
        assert answer.headers["content-type"] == media_type
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert [who for who, _ in handed_out] == ["Alice Ash", "Bob Birch"]


def test_every_download_is_in_the_audit_and_told_to_the_client(alice_browser, bob_browser, engine, bob):
    photo = _send(alice_browser, scalps.dated())
    bob_browser.get(f"/photos/{photo}/original")
    with transaction(engine, write=False) as db:
        entries = db.exec(select(AuditEntry).where(AuditEntry.action == "photos.original-downloaded")).all()
    assert [(entry.actor_id, str(entry.subject_id)) for entry in entries] == [(bob.id, photo)]
    assert "Bob Birch" in alice_browser.get("/photos/who-looked").text
    assert (
        "may still hold what the phone wrote into it, such as the place" in alice_browser.get(f"/photos/{photo}").text
    )


def test_asking_for_its_headers_alone_hands_nothing_out(alice_browser, handed_out, engine):
    answer = alice_browser.head(f"/photos/{_send(alice_browser, a_jpeg())}/original")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert handed_out == []
    with transaction(engine, write=False) as db:
        assert not db.exec(select(AuditEntry).where(AuditEntry.action == "photos.original-downloaded")).all()


def test_it_is_nobody_elses(alice_browser, charlie_browser, dana_browser, visitor, handed_out):
    path = f"/photos/{_send(alice_browser, a_jpeg(gps=True))}/original"
    assert charlie_browser.get(path).status_code == 404
    assert dana_browser.get(path).status_code == 404
    assert visitor.get(path).status_code == 303
    assert handed_out == []
