"""Bytes that are withdrawn are deleted before the answer, and after a crash or an absent store by the tick."""

import signal
import subprocess
import sys

import pytest
from sqlmodel import Session, select

from portal.app import TICK
from portal.derivations import queries, service, shredding
from portal.derivations.models import Derivation, Discarded
from portal.kit import jobs
from portal.kit.db import make_engine, transaction
from portal.photos.models import Photo
from tests.make_derivations import a_derivation, a_photo, names_of
from tests.tools.source import ROOT


@pytest.fixture
def one(engine, vault, alice):
    """A photo with a picture made of it, and the names of their objects."""
    with transaction(engine) as db:
        photo = a_photo(db, vault, alice)
        made = a_derivation(db, vault, alice, [photo.id])
        return photo.id, {*names_of(photo), made.stored}


def waiting(engine):
    with transaction(engine) as db:
        return set(db.exec(select(Discarded.name)).all())


def withdraw(engine, client, photo_id):
    with transaction(engine) as db:
        service.withdraw_photo(db, client, db.get_one(Photo, photo_id))


def test_killed_between_the_commit_and_the_deletion_the_next_tick_deletes(one, engine, app, alice_browser, run_jobs):
    photo_id, names = one
    url, folder = engine.url.render_as_string(hide_password=False), str(app.state.storage.folder)
    command = [sys.executable, "-m", "tests.derivations.dying", url, folder, str(photo_id)]
    died = subprocess.run(command, check=False, cwd=ROOT)
    assert died.returncode == -signal.SIGKILL
    assert alice_browser.get(f"/photos/{photo_id}/small.jpg").status_code == 404, "committed: nobody opens it"
    assert set(app.state.storage.names()) == names == waiting(engine)
    with transaction(engine) as db:
        jobs.enqueue(db, TICK, "a tick")
    run_jobs()
    assert set(app.state.storage.names()) == waiting(engine) == set()


def test_a_store_that_is_away_is_asked_again(one, engine, app, alice, caplog):
    photo_id, names = one
    folder = app.state.storage.folder
    aside = folder.rename(folder.with_name("away"))
    withdraw(engine, alice, photo_id)
    assert "not deleted yet" in caplog.text
    assert waiting(engine) == names
    aside.rename(folder)
    with transaction(engine) as db:
        shredding.sweep(db)
    assert set(app.state.storage.names()) == waiting(engine) == set()


def test_a_database_that_knows_no_store_forgets_no_name(one, engine, app, alice):
    photo_id, names = one
    stranger = make_engine(engine.url.render_as_string(hide_password=False))
    withdraw(stranger, alice, photo_id)
    stranger.dispose()
    assert set(app.state.storage.names()) == waiting(engine) == names


def test_what_is_rolled_back_deletes_nothing(one, engine, app, alice):
    photo_id, names = one
    with Session(engine, expire_on_commit=False) as db:
        service.withdraw_photo(db, alice, db.get_one(Photo, photo_id))
        db.rollback()
    assert set(app.state.storage.names()) == names
    assert not waiting(engine)


def test_every_object_is_known_until_it_is_deleted(one, engine, app, alice):
    photo_id, names = one
    with transaction(engine) as db:
        made = db.exec(select(Derivation)).one()
        assert set(queries.stored_names(db)) == {made.stored} < names
        service.withdraw_photo(db, alice, db.get_one(Photo, photo_id))
        assert set(queries.stored_names(db)) == names, "to be deleted, so no stray"


def test_whoever_is_erased_takes_their_objects_along(one, engine, app, alice, cast, vault):
    with transaction(engine) as db:
        a_photo(db, vault, cast.charlie)
    with transaction(engine) as db:
        shredding.forget_client(db, alice.id)
    _, names = one
    left = set(app.state.storage.names())
    assert len(left) == 4
    assert not left & names
