"""Measuring is ordered once, ends for good in words, and what needs no measuring is left alone."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlmodel import col, select

from benchmarks.truth import photograph, scalp
from portal.comparison import orders, service
from portal.comparison.models import Alignment, Baseline, Landmarks
from portal.derivations import service as derivations
from portal.derivations.models import Derivation
from portal.derivations.rules import DerivationKind
from portal.kit import clock, jobs
from portal.kit.db import transaction
from portal.kit.jobs import Job, JobState
from portal.kit.storage import new_name
from portal.notifications.models import Notice
from portal.photos.models import Photo
from portal.photos.rules import HairLength, Parting, Product, Wetness
from portal.photos.views import View
from tests.comparison.make_series import a_stored_photo, measured
from tests.tools.validate import html_errors

AS_IT_IS = {"wetness": "dry", "product": "none", "parting": "same", "length": "same"}
POINTS = ["0.3000,0.3000", "0.7000,0.3000", "0.5000,0.7000"]


def post(browser, path, **data):
    return browser.post(path, data={**data, "form_token": uuid4().hex})


def waiting(engine, kind="comparison.measure"):
    with transaction(engine, write=False) as db:
        wanted = select(Job).where(Job.kind == kind, Job.state == JobState.READY)
        return sorted(job.payload["photo"] for job in db.exec(wanted).all())


def order(engine, photo):
    with transaction(engine) as db:
        jobs.enqueue(db, "comparison.measure", uuid4().hex, {"photo": str(photo)})


def until_given_up(app):
    for hours in range(jobs.MAX_ATTEMPTS + 1):
        with clock.travelled(timedelta(hours=hours)):
            app.state.worker.run_all()


@pytest.fixture
def broken(engine, app):
    """Damage the file that a photo is measured by, or take it away."""

    def broken(photo_id, *, is_gone=False):
        with transaction(engine) as db:
            photo = db.get_one(Photo, photo_id)
            if is_gone:
                photo.medium = new_name()
                db.add(photo)
                return
        path = app.state.storage.folder / photo.medium
        raw = bytearray(path.read_bytes())
        raw[60] ^= 1
        path.write_bytes(bytes(raw))

    return broken


@pytest.fixture
def newest(engine, vault, alice, crown):
    """One more photo of the crown, of which nothing is measured yet."""
    with transaction(engine) as db:
        photo = a_stored_photo(db, vault, alice.id, date(2026, 6, 1), 222)
        service.taken(db, photo)
        return photo.id


@pytest.fixture
def midline(engine, vault, alice):
    """A measured photo of another view."""
    with transaction(engine) as db:
        photo = a_stored_photo(db, vault, alice.id, date(2026, 3, 1), 66)
        photo.view = View.MIDLINE
        measured(db, vault, photo, photo, value=50)
        return photo.id


def all_went_well(engine, photo_id):
    with transaction(engine, write=False) as db:
        assert not [job.error for job in db.exec(select(Job)).all() if job.error]
        assert db.exec(select(Alignment).where(Alignment.photo_id == photo_id)).one()


# What goes wrong


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_broken_photo_of_another_view_keeps_none_from_being_measured(engine, app, broken, midline, newest, is_gone):
    broken(midline, is_gone=is_gone)
    app.state.worker.run_all()
    all_went_well(engine, newest)


def test_another_view_that_is_no_picture_keeps_none_from_being_measured(engine, app, vault, alice, midline, newest):
    with transaction(engine) as db:
        photo = db.get_one(Photo, midline)
        photo.medium = vault.put(vault.key_of(db, alice.id), b"no picture")
        db.add(photo)
    app.state.worker.run_all()
    all_went_well(engine, newest)


def test_each_other_view_is_a_job_of_its_own(engine, app, vault, alice, crown, newest):
    with transaction(engine) as db:
        for number, view in enumerate((View.BACK, View.MIDLINE, View.LEFT_SIDE)):
            photo = a_stored_photo(db, vault, alice.id, date(2026, 3, 1), 10 + number)
            photo.view = view
            measured(db, vault, photo, photo, value=50)
    app.state.worker.run_all()
    with transaction(engine, write=False) as db:
        done = db.exec(select(Job).where(Job.kind == orders.OTHER_VIEW).order_by(col(Job.run_at))).all()
        assert [job.state for job in done] == [JobState.DONE] * 3
        assert [len(job.payload["views"].split(",")) for job in done] == [3, 2, 1]
    assert newest


def test_a_photo_that_cannot_be_measured_is_said_so_with_what_to_do(
    crown, app, broken, newest, alice_browser, bob_browser
):
    assert "1 photo of this view is being measured" in alice_browser.get("/photos/series/crown").text
    broken(newest)
    until_given_up(app)
    own = alice_browser.get("/photos/series/crown").text
    theirs = bob_browser.get(f"{crown.of_client}/series/crown").text
    for page in (own, theirs):
        assert html_errors(page) == []
        assert "being measured" not in page
        assert "Could not be measured" in page
    assert "remove the photo here and send it again" in own
    assert "make another photo the baseline" in theirs
    pair = alice_browser.get(crown.pair(crown.first, newest)).text
    assert html_errors(pair) == []
    assert "One of them could not be measured." in pair
    assert "Load the page again" not in pair
    assert "Not measured yet" not in pair


def test_what_could_not_be_measured_is_tried_over_another_baseline(engine, app, crown, broken, newest, bob_browser):
    broken(crown.first)
    until_given_up(app)
    post(bob_browser, f"{crown.of_client}/{crown.second}/baseline")
    assert str(newest) in waiting(engine)
    assert "Could not be measured" not in bob_browser.get(f"{crown.of_client}/series/crown").text


# Once


def test_the_same_work_waits_once(engine, crown, bob_browser, alice_browser):
    for photo in [crown.second, crown.first] * 4 + [crown.second]:
        post(bob_browser, f"{crown.of_client}/{photo}/baseline")
    for _ in range(4):
        post(alice_browser, f"/photos/{crown.wet}/landmarks", photo_points=POINTS, baseline_points=POINTS)
    assert waiting(engine) == sorted(map(str, [crown.first, crown.second, crown.wet]))


def test_what_waits_after_failing_is_tried_at_once_when_it_is_asked_for_again(engine, crown, alice_browser):
    send = {"photo_points": POINTS, "baseline_points": POINTS}
    post(alice_browser, f"/photos/{crown.wet}/landmarks", **send)
    with transaction(engine) as db:
        job = db.exec(select(Job).where(Job.kind == orders.MEASURE)).one()
        job.attempts, job.run_at = 9, clock.now() + timedelta(minutes=15)
        db.add(job)
    post(alice_browser, f"/photos/{crown.wet}/landmarks", **send)
    with transaction(engine, write=False) as db:
        job = db.exec(select(Job).where(Job.kind == orders.MEASURE)).one()
        assert (job.attempts, job.run_at <= clock.now()) == (0, True)


def test_what_makes_work_is_limited(crown, alice_browser, bob_browser, monkeypatch):
    monkeypatch.setattr(service, "IN_AN_HOUR", 3)
    send = {"photo_points": POINTS, "baseline_points": POINTS}
    tapped = [post(alice_browser, f"/photos/{crown.wet}/landmarks", **send).status_code for _ in range(5)]
    chosen = [post(bob_browser, f"{crown.of_client}/{crown.second}/baseline").status_code for _ in range(5)]
    assert tapped == chosen == [303, 303, 303, 429, 429]


def test_giving_a_photo_one_view_after_the_other_is_limited(engine, crown, alice_browser):
    with transaction(engine) as db:
        photo = db.get_one(Photo, crown.second)
        photo.quality = None
        db.add(photo)
    views = ["midline", "crown"] * 31
    answers = [post(alice_browser, f"/photos/{crown.second}/view", view=view).status_code for view in views]
    assert answers == [303] * 60 + [429, 303], "the last one changes nothing"


# What needs no measuring


def test_words_about_the_hair_measure_nothing_and_change_the_verdict(engine, crown, alice_browser):
    pair = crown.pair(crown.first, crown.second)
    assert "Not comparable" not in alice_browser.get(pair).text
    assert post(alice_browser, f"/photos/{crown.second}/details", **AS_IT_IS).status_code == 303
    assert waiting(engine) == []
    assert post(alice_browser, f"/photos/{crown.second}/details", **AS_IT_IS | {"wetness": "wet"}).status_code == 303
    assert waiting(engine) == []
    assert "The hair is wet in one of them" in alice_browser.get(pair).text


@pytest.fixture
def told_apart(engine, app, vault, alice):
    """Two photos of one drawn head, measured by the worker, and known to be comparable: the second is the first."""
    with transaction(engine) as db:
        sent = [a_stored_photo(db, vault, alice.id, date(2026, month, 1), 10 + month) for month in (3, 4)]
        name = vault.put(vault.key_of(db, alice.id), photograph(scalp(2, view="crown"), seed=1).jpeg)
        for photo in sent:
            photo.medium = photo.large = name
            photo.quality = {"sharpness": 5.0, "luma": 120.0, "clipped": 0.0, "dark": 0.0, "cast": 2.0}
            photo.wetness, photo.product, photo.parting = Wetness.DRY, Product.NONE, Parting.SAME
            photo.length = HairLength.SAME
            service.taken(db, photo)
    app.state.worker.run_all()
    return [photo.id for photo in sent]


def saved(browser, client, first, second):
    pair = {"view": "crown", "before": str(first), "after": str(second), "use": "record", "format": "jpeg"}
    answer = post(browser, f"/clients/{client.id}/photos/compare", **pair)
    assert browser.get(answer.headers["location"]).status_code == 200
    return answer.headers["location"]


def test_measuring_once_more_leaves_a_saved_pair_alone(engine, app, told_apart, alice, bob, bob_browser):
    pair = saved(bob_browser, alice, *told_apart)
    order(engine, told_apart[1])
    app.state.worker.run_all()
    assert bob_browser.get(pair).status_code == 200
    with transaction(engine, write=False) as db:
        kinds = sorted(one.kind for one in db.exec(select(Derivation)).all())
        assert kinds == sorted([DerivationKind.ALIGNED, DerivationKind.EVENED] * 2 + [DerivationKind.PAIR])
        assert not db.exec(select(Notice).where(Notice.person_id == bob.id)).all()


def test_copies_that_are_not_there_any_more_are_made_again(engine, app, told_apart):
    with transaction(engine) as db:
        row = db.exec(select(Alignment).where(Alignment.photo_id == told_apart[1])).one()
        before = row.aligned_id
        derivations.close(db, [before])
    order(engine, told_apart[1])
    app.state.worker.run_all()
    with transaction(engine, write=False) as db:
        row = db.exec(select(Alignment).where(Alignment.photo_id == told_apart[1])).one()
        assert row.aligned_id != before
        assert db.get_one(Derivation, row.aligned_id).closed_at is None


def test_who_saved_a_pair_is_told_when_it_goes_because_a_photo_lies_differently(
    engine, app, told_apart, alice, bob, alice_browser, bob_browser
):
    pairs = [saved(browser, alice, *told_apart) for browser in (alice_browser, bob_browser)]
    lower = ["0.3000,0.3500", "0.7000,0.3500", "0.5000,0.7500"]
    post(alice_browser, f"/photos/{told_apart[1]}/landmarks", photo_points=lower, baseline_points=POINTS)
    app.state.worker.run_all()
    for person, browser, pair in zip((alice, bob), (alice_browser, bob_browser), pairs, strict=True):
        assert browser.get(pair).status_code == 404
        with transaction(engine, write=False) as db:
            (notice,) = db.exec(select(Notice).where(Notice.person_id == person.id)).all()
        assert "save the pair anew" in notice.text
        assert browser.get(notice.href).status_code == 200


# The baseline


def test_a_photo_that_is_kept_apart_is_no_baseline(engine, crown, bob_browser):
    with transaction(engine) as db:
        photo = db.get_one(Photo, crown.second)
        photo.apart_since = clock.now()
        db.add(photo)
    answer = post(bob_browser, f"{crown.of_client}/{crown.second}/baseline")
    assert answer.status_code == 303
    assert "is kept apart until the client confirms it" in bob_browser.get(answer.headers["location"]).text
    with transaction(engine, write=False) as db:
        assert not db.exec(select(Baseline)).all()


def test_points_are_kept_once_however_often_they_are_tapped(engine, crown, alice_browser):
    for _ in range(2):
        post(alice_browser, f"/photos/{crown.wet}/landmarks", photo_points=POINTS, baseline_points=POINTS)
    with transaction(engine, write=False) as db:
        assert len(db.exec(select(Landmarks)).all()) == 2
