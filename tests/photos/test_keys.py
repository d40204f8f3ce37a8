"""A photo is sealed before its row is written: and its client may withdraw, and signs again, in between."""

from datetime import timedelta

import pytest
from sqlmodel import select

from portal.consents import service as consents
from portal.consents.rules import Purpose
from portal.kit.errors import Refused
from portal.kit.storage import keep_beside
from portal.photos import service
from portal.photos.models import Photo
from portal.photos.vault import Vault
from portal.photos.views import View
from tests.make_consents import a_signed_consent
from tests.make_derivations import _decoded, a_photo


@pytest.fixture
def vault(app, engine):
    keep_beside(engine, app.state.storage)
    return Vault(app.state.storage, app.state.photo_master)


@pytest.fixture
def on_its_way(db, vault, alice):
    """A desk and a photo sealed at it, by the time the client has withdrawn all photos."""
    given = a_signed_consent(db, alice, None, Purpose.PHOTO_RECORD)
    desk = service.open_desk(db, vault, alice, alice.id)
    draft = service.seal(vault, desk, alice, service.Upload(b"sealed early", "a.jpg", View.CROWN), _decoded())
    consents.withdraw(db, alice, given.id)
    return desk, draft


def test_what_was_sealed_with_a_forgotten_key_is_not_kept(db, vault, alice, on_its_way):
    a_signed_consent(db, alice, None, Purpose.PHOTO_RECORD)
    kept = a_photo(db, vault, alice)
    with pytest.raises(Refused, match="while this one was on its way"):
        service.enter(db, vault, alice, *on_its_way)
    assert [one.id for one in db.exec(select(Photo).where(Photo.withdrawn_at.is_(None)))] == [kept.id]
    assert vault.get(db, alice.id, kept.small)


def test_who_signed_again_but_sent_nothing_yet_sends_it_again(db, vault, alice, on_its_way):
    a_signed_consent(db, alice, None, Purpose.PHOTO_RECORD)
    with pytest.raises(Refused, match="send it again"):
        service.enter(db, vault, alice, *on_its_way)


def test_without_a_new_consent_it_says_what_is_missing(db, vault, alice, on_its_way):
    with pytest.raises(Refused, match="withdrawn your consent"):
        service.enter(db, vault, alice, *on_its_way)


def test_however_long_it_was_on_its_way_it_is_asked_for_as_it_arrives(db, vault, alice, later):
    """Its client signed and withdrew meanwhile, and the key is still, or again, the same."""
    given = a_signed_consent(db, alice, None, Purpose.PHOTO_RECORD)
    desk = service.open_desk(db, vault, alice, alice.id)
    draft = service.seal(vault, desk, alice, service.Upload(b"sealed early", "a.jpg", View.CROWN), _decoded())
    consents.withdraw(db, alice, given.id)
    desk = service.Desk(alice.id, vault.key_of(db, alice.id), desk.zone)
    with later(timedelta(minutes=11)), pytest.raises(Refused, match="withdrawn your consent"):
        service.enter(db, vault, alice, desk, draft)
    assert not db.exec(select(Photo)).all()


def test_a_photo_is_received_when_it_is_entered(db, vault, alice, later):
    desk = service.open_desk(db, vault, alice, alice.id)
    draft = service.seal(vault, desk, alice, service.Upload(b"sealed early", "a.jpg", View.CROWN), _decoded())
    sealed = draft.photo.received_at
    with later(timedelta(minutes=11)):
        entered = service.enter(db, vault, alice, desk, draft).photo
    assert entered.received_at - sealed >= timedelta(minutes=11)
