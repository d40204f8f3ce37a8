"""The weekly look at every file: what is missing, changed or belongs to nobody is reported, and nothing is deleted."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from portal.kit import jobs
from portal.kit.db import transaction
from portal.kit.routing import UsedForm
from portal.kit.storage import new_name
from portal.photos import integrity, queries, service
from portal.photos.integrity import PHOTOS, STEP, Shelf, Tracked
from portal.photos.models import Photo, StorageCheck
from portal.photos.service import Upload
from portal.photos.vault import Vault
from portal.photos.views import View
from tests.make import a_jpeg
from tests.photos.looking import spoil

Check = Callable[[], StorageCheck]


@pytest.fixture
def photos(engine, app, alice) -> list[Photo]:
    vault = Vault(app.state.storage, app.state.photo_master)
    with transaction(engine) as db:
        uploads = [Upload(a_jpeg(shade=shade), None, View.CROWN) for shade in (60, 90, 120)]
        return [service.take_in(db, vault, alice, alice.id, upload).photo for upload in uploads]


@pytest.fixture
def worker(engine, app, monkeypatch) -> jobs.Worker:
    monkeypatch.setattr(integrity, "PAGE", 2)
    return jobs.Worker(jobs.Surroundings(engine, app.state), {STEP: integrity.job([PHOTOS])})


@pytest.fixture
def check(engine, worker, later) -> Check:
    def run() -> StorageCheck:
        with transaction(engine) as db:
            assert integrity.begin(db)
            assert not integrity.begin(db), "once a week"
        worker.run_all()
        with later(integrity.LOOK_AGAIN + timedelta(minutes=1)):
            worker.run_all()
        with transaction(engine, write=False) as db:
            assert not db.exec(select(jobs.Job).where(jobs.Job.state != jobs.JobState.DONE)).all()
            return integrity.latest(db)

    return run


@pytest.fixture
def stored(tmp_path) -> Callable[[str], Path]:
    return lambda name: tmp_path / "uploads" / name


def test_all_is_well(photos, check):
    found = check()
    assert (found.looked_at, found.is_well) == (12, True)
    assert integrity.finding(found) is None


def test_nothing_checked_is_nothing_found(engine):
    with transaction(engine, write=False) as db:
        assert integrity.latest(db) is None
    assert integrity.finding(None) is None


def test_a_missing_a_changed_and_a_stray_file_are_named_and_left_alone(photos, check, stored, tmp_path):
    stored(photos[0].large).unlink()
    changed = stored(photos[1].small)
    spoil(changed)
    stored(photos[2].small).write_bytes(stored(photos[2].medium).read_bytes())
    stray = new_name()
    stored(stray).parent.mkdir(exist_ok=True)
    stored(stray).write_bytes(b"whose?")
    before = sorted(tmp_path.rglob("uploads/*/*"))
    found = check()
    assert found.missing == [photos[0].large]
    assert sorted(found.changed) == sorted([photos[1].small, photos[2].small])
    assert found.untracked == [stray]
    assert (found.missing_count, found.changed_count, found.untracked_count) == (1, 2, 1)
    assert sorted(tmp_path.rglob("uploads/*/*")) == before
    assert "1 are missing, 2 do not open and 1 belong to nothing" in integrity.finding(found)


def test_what_was_under_way_is_looked_at_again_and_is_no_finding(engine, photos, worker, later, app, alice, stored):
    with transaction(engine) as db:
        integrity.begin(db)
    vault = Vault(app.state.storage, app.state.photo_master)
    with transaction(engine) as db:
        desk = service.open_desk(db, vault, alice, alice.id)
    upload = Upload(a_jpeg(shade=200), None, View.CROWN)
    draft = service.seal(vault, desk, alice, upload, service.decode(upload.raw))
    gone = stored(photos[0].original)
    gone.rename(gone.with_suffix(".away"))
    worker.run_all()
    with transaction(engine, write=False) as db:
        running = db.exec(select(StorageCheck)).one()
        assert (running.ended_at, running.missing_count) == (None, 1)
        assert running.untracked_count >= 4
    gone.with_suffix(".away").rename(gone)
    with transaction(engine) as db:
        service.enter(db, vault, alice, desk, draft)
    with later(timedelta(hours=2)):
        worker.run_all()
    with transaction(engine, write=False) as db:
        assert integrity.latest(db).is_well


def test_withdrawn_photos_and_erased_clients_are_not_missed(engine, photos, check, stored):
    with transaction(engine) as db:
        photo = queries.stored(db, photos[0].id)
        for name in photo.names:
            stored(name).unlink()
        photo.withdrawn_at = photo.received_at
    assert check().is_well


def test_with_another_key_nothing_opens(photos, check, app):
    right, app.state.photo_master = app.state.photo_master, b"another key of thirty-two bytes!"
    try:
        found = check()
    finally:
        app.state.photo_master = right
    assert (found.changed_count, found.looked_at) == (12, 12)


def test_what_a_crash_left_half_written_belongs_to_nothing(photos, check, stored, later):
    left = stored(photos[0].original).with_name(".half.part")
    left.write_bytes(b"hal")
    with later(timedelta(hours=2)):
        found = check()
    assert (found.untracked_count, found.untracked) == (1, [f"{photos[0].original[:2]}/.half.part"])
    assert left.exists()


def test_what_other_tables_name_counts_too(engine, photos, app, alice, check, monkeypatch, worker):
    vault = Vault(app.state.storage, app.state.photo_master)
    with transaction(engine) as db:
        name = vault.put(vault.key_of(db, alice.id), b"a picture made of photos")
    row = Tracked(photos[0].id, alice.id, [name])
    made = Shelf(lambda _, after, __: [] if after else [row], lambda _: [name])
    worker.handlers = {STEP: integrity.job([PHOTOS, made])}
    found = check()
    assert (found.looked_at, found.is_well) == (13, True)


def test_a_step_whose_worker_died_counts_nothing_twice(engine, photos, app):
    surroundings, step = jobs.Surroundings(engine, app.state), integrity.job([PHOTOS])
    step(surroundings, {})
    with transaction(engine, write=False) as db:
        payload = db.exec(select(jobs.Job).where(jobs.Job.kind == STEP)).one().payload
    for _ in range(3):
        step(surroundings, payload)
    with transaction(engine, write=False) as db:
        assert db.exec(select(StorageCheck)).one().looked_at == 12


def test_a_store_that_is_away_is_no_finding_but_is_tried_again(engine, photos, app, worker, tmp_path):
    with transaction(engine) as db:
        integrity.begin(db)
    (tmp_path / "uploads").rename(tmp_path / "away")
    worker.run_all()
    with transaction(engine, write=False) as db:
        waiting = db.exec(select(jobs.Job).where(jobs.Job.state == jobs.JobState.READY)).one()
    assert waiting.attempts == 1
    assert "Unavailable" in waiting.error


def test_no_transaction_is_open_while_files_are_read(engine, photos, check, monkeypatch):
    """Another one can write at any moment, which SQLite would refuse."""
    real, opened = Vault.open, []

    def watched(self, key, name):
        with transaction(engine) as db:
            db.add(UsedForm(fingerprint=name, location="/"))
        opened.append(name)
        return real(self, key, name)

    monkeypatch.setattr(Vault, "open", watched)
    assert check().is_well
    assert len(opened) == 12
