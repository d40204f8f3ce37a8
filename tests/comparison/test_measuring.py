"""The whole way of a photo: sent, laid over the baseline of its view by the worker, measured, judged."""

from datetime import timedelta

import numpy as np
import pytest
from sqlmodel import Session, delete, select

from benchmarks.truth import Shot, ghosted, mild, photograph, scalp
from portal.comparison import queries, service
from portal.comparison.models import Alignment, Reading
from portal.comparison.rules import AlignState, Level
from portal.derivations import service as derivations
from portal.derivations.models import Derivation
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.jobs import Job
from portal.photos import queries as photos
from portal.photos import service as intake
from portal.photos.forms import HairForm
from portal.photos.models import Photo
from portal.photos.rules import HairLength, Parting, Product, Wetness
from portal.photos.service import Upload
from portal.photos.views import View

AS_ALWAYS = HairForm(wetness=Wetness.DRY, product=Product.NONE, parting=Parting.SAME, length=HairLength.SAME)
TODAY = clock.now().date()


def later(seed: int, **head: object) -> Shot:
    rng = np.random.default_rng(seed)
    return photograph(scalp(2, view="crown", **head), **ghosted(rng), **mild(rng), seed=seed)


def never_measured(db: Session, photo: Photo) -> None:
    for table in (Alignment, Reading):
        db.exec(delete(table).where(table.photo_id == photo.id))


@pytest.fixture
def send(app, engine, alice, vault):
    """Send a photo as Alice, some days ago; the worker does what is due."""

    def send(shot: Shot, *, days_ago: int, view: View = View.CROWN, hair: HairForm = AS_ALWAYS):
        with transaction(engine) as db:
            upload = Upload(shot.jpeg, "a.jpg", view, TODAY - timedelta(days=days_ago), hair)
            photo = intake.take_in(db, vault, alice, alice.id, upload).photo
        app.state.worker.run_all()
        with transaction(engine) as db:
            assert not [job.error for job in db.exec(select(Job)).all() if job.error]
        return photo.id

    return send


def test_two_good_photos_of_a_month_are_comparable_and_measured(db, alice, send):
    first = send(photograph(scalp(2, view="crown"), seed=1), days_ago=40)
    second = send(later(3), days_ago=5)
    pair = queries.pair(db, alice, alice.id, View.CROWN, first, second)
    assert pair.verdict.level is Level.COMPARABLE, pair.verdict.reasons
    assert pair.after.alignment.inliers >= 16
    assert {pair.before.is_baseline, pair.after.is_baseline} == {True, False}
    assert None not in {pair.before.aligned_id, pair.after.aligned_id, pair.after.evened_id}
    coverage = queries.change(db, alice, alice.id, View.CROWN)[0]
    assert [point.value is not None for point in coverage.points] == [True, True]
    assert "No detectable change yet" in coverage.sentence


def test_hair_combed_anew_is_never_aligned_without_a_person(db, alice, send):
    first = send(photograph(scalp(2, view="crown"), seed=1), days_ago=40)
    second = send(later(4, comb=9), days_ago=5)
    pair = queries.pair(db, alice, alice.id, View.CROWN, first, second)
    assert pair.after.state in {AlignState.PROPOSED, AlignState.NOT_ALIGNED}
    assert not pair.can_be_result
    assert pair.after.aligned_id is None
    assert pair.after.reading.coverage is None


def test_three_taps_lay_it_over(app, db, engine, alice, send):
    """The taps are where three moles are; the person sees them, the computer does not."""
    start, again = photograph(scalp(2, view="crown"), seed=1), later(4, comb=9)
    send(start, days_ago=40)
    second = send(again, days_ago=5)
    there = np.array([(0.35, 0.35), (0.66, 0.4), (0.5, 0.7)])
    width, height = again.size
    pixels = np.c_[there * (width, height), np.ones(3)] @ np.linalg.inv(again.truth_to(start)).T
    here = pixels[:, :2] / pixels[:, 2:] / (width, height)
    with transaction(engine) as writing:
        photo = photos.photo(writing, alice, second)
        service.tap(writing, alice, photo, [tuple(one) for one in here], [tuple(one) for one in there])
    app.state.worker.run_all()
    row = db.exec(select(Alignment).where(Alignment.photo_id == second)).one()
    assert (row.state, row.method) == (AlignState.BY_HAND, "landmarks")
    assert queries.pair(db, alice, alice.id, View.CROWN, None, second).verdict.level is Level.WITH_CARE


def test_a_photo_under_the_wrong_view_is_suspected(db, alice, send):
    send(photograph(scalp(2, view="crown"), seed=1), days_ago=40)
    front = send(photograph(scalp(2, view="front"), seed=1), days_ago=40, view=View.FRONT_HAIRLINE)
    wrong = send(later(6), days_ago=5, view=View.FRONT_HAIRLINE)
    assert photos.photo(db, alice, wrong).suspected_view is View.CROWN
    assert photos.photo(db, alice, front).suspected_view is None


def test_an_earlier_photo_becomes_the_baseline_and_all_are_measured_anew(db, alice, send):
    late = send(later(3), days_ago=5)
    early = send(photograph(scalp(2, view="crown"), seed=1), days_ago=40)
    rows = db.exec(select(Alignment)).all()
    assert {row.photo_id: row.baseline_id for row in rows} == {late: early, early: early}
    assert len(db.exec(select(Derivation).where(Derivation.closed_at.is_(None))).all()) == 4


def test_a_withdrawn_baseline_takes_its_measurements_along(app, db, engine, alice, send):
    first = send(photograph(scalp(2, view="crown"), seed=1), days_ago=40)
    second = send(later(3), days_ago=5)
    with transaction(engine) as writing:
        derivations.withdraw_photo(writing, alice, photos.photo(writing, alice, first))
    app.state.worker.run_all()
    assert [row.photo_id for row in db.exec(select(Reading)).all()] == [second]
    row = db.exec(select(Alignment)).one()
    assert (row.photo_id, row.baseline_id) == (second, second)


def test_work_on_a_photo_that_is_gone_does_nothing(app, db, engine, alice, send):
    first = send(photograph(scalp(2, view="crown"), seed=1), days_ago=40)
    with transaction(engine) as writing:
        photo = photos.photo(writing, alice, first)
        never_measured(writing, photo)
        service.taken(writing, photo)
        derivations.withdraw_photo(writing, alice, photo)
    app.state.worker.run_all()
    assert not db.exec(select(Alignment)).all()
    assert not db.exec(select(Reading)).all()


def test_a_photo_from_before_quality_was_measured_is_measured_now(app, db, engine, alice, send):
    first = send(photograph(scalp(2, view="crown"), seed=1), days_ago=40)
    with transaction(engine) as writing:
        photo = photos.photo(writing, alice, first)
        before, photo.quality = photo.quality, None
        never_measured(writing, photo)
        service.taken(writing, photo)
    app.state.worker.run_all()
    photo = photos.photo(db, alice, first)
    assert photo.quality["short_side"] == 1200
    assert photo.quality["sharpness"] == pytest.approx(before["sharpness"], abs=0.2)
