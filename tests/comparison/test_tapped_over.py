"""Points belong to the photos they were tapped on: never to other points, another baseline or another view."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from portal.comparison.models import Alignment, Landmarks, Reading
from portal.comparison.rules import AlignState
from portal.kit import jobs
from portal.kit.db import transaction
from portal.notifications.models import Notice
from portal.photos.models import Photo
from portal.photos.views import View
from tests.comparison.make_series import GOOD, a_stored_photo, measured
from tests.make_rush import all_at_once

SPOTS = ["0.3000,0.3000", "0.7000,0.3000", "0.5000,0.7000"]
LOWER = ["0.3000,0.3500", "0.7000,0.3500", "0.5000,0.7500"]
OTHERS = ["0.4000,0.4000", "0.7000,0.3500", "0.5000,0.6500"]
QUALITY = GOOD | {"short_side": 480, "detail": 0.5, "subject": 0.9}


@pytest.fixture
def tap(app, alice_browser):
    """Tap on a photo, and on its baseline where points are given; the worker does what is due."""

    def tap(photo, points, on_baseline=()):
        data = {"photo_points": points, "baseline_points": list(on_baseline), "form_token": uuid4().hex}
        assert alice_browser.post(f"/photos/{photo}/landmarks", data=data).status_code == 303
        app.state.worker.run_all()

    return tap


@pytest.fixture
def lies(app, engine):
    """How a photo lies when it is measured once more."""

    def lies(photo):
        with transaction(engine) as db:
            jobs.enqueue(db, "comparison.measure", uuid4().hex, {"photo": str(photo)})
        app.state.worker.run_all()
        with transaction(engine, write=False) as db:
            row = db.exec(select(Alignment).where(Alignment.photo_id == photo)).one()
            return row.state, [round(number, 3) for number in row.matrix or []]

    return lies


@pytest.fixture
def midline(engine, vault, alice) -> list[UUID]:
    """Two measured photos of another view."""
    with transaction(engine) as db:
        sent = [a_stored_photo(db, vault, alice.id, date(2026, month, 1), 60 + month) for month in (3, 4)]
        for photo in sent:
            photo.view = View.MIDLINE
            measured(db, vault, photo, sent[0], value=50)
        return [photo.id for photo in sent]


def set_baseline(browser, crown, photo):
    path = f"{crown.of_client}/{photo}/baseline"
    assert browser.post(path, data={"form_token": uuid4().hex}).status_code == 303


def relabel(browser, photo, view):
    answer = browser.post(f"/photos/{photo}/view", data={"view": view, "form_token": uuid4().hex})
    assert answer.status_code == 303


def fit_for_any_view(engine):
    """All photos have the whole numbers of quality, by which a photo under another view is judged."""
    with transaction(engine) as db:
        for one in db.exec(select(Photo)).all():
            one.quality = dict(QUALITY)
            db.add(one)


def test_other_points_on_the_baseline_move_no_photo_tapped_before(crown, tap, lies):
    tap(crown.second, LOWER, SPOTS)
    before = lies(crown.second)
    assert before[0] is AlignState.BY_HAND
    tap(crown.wet, OTHERS, OTHERS)
    assert lies(crown.second) == before
    assert lies(crown.wet) == (AlignState.BY_HAND, [1, 0, 0, 0, 1, 0, 0, 0, 1])


def test_points_tapped_over_one_photo_are_not_laid_on_those_of_another(crown, tap, lies, bob_browser):
    tap(crown.second, SPOTS, SPOTS)
    tap(crown.wet, OTHERS, OTHERS)
    set_baseline(bob_browser, crown, crown.wet)
    assert lies(crown.second)[0] is not AlignState.BY_HAND


def test_two_photos_tapped_over_the_same_points_also_lie_over_each_other(crown, tap, lies, bob_browser):
    tap(crown.second, SPOTS, SPOTS)
    tap(crown.wet, LOWER)
    set_baseline(bob_browser, crown, crown.wet)
    state, matrix = lies(crown.second)
    assert state is AlignState.BY_HAND
    assert matrix[5] == pytest.approx(0.05 * 480 / 640, abs=0.002)  # in widths
    assert lies(crown.first)[0] is AlignState.BY_HAND


def test_points_on_a_page_that_showed_another_baseline_are_asked_again(crown, tap, engine, alice_browser, bob_browser):
    tap(crown.second, SPOTS, SPOTS)
    page = alice_browser.get(f"/photos/{crown.wet}/landmarks").text
    of = page.split('name="of" value="')[1].split('"')[0]
    steps = alice_browser.get(f"/photos/{crown.wet}/landmarks", params={"of": of, "p": OTHERS}).text
    assert steps.count('name="photo_points"') == 3
    tap(crown.second, SPOTS, OTHERS)
    data = {"photo_points": OTHERS, "of": of, "form_token": uuid4().hex}
    answer = alice_browser.post(f"/photos/{crown.wet}/landmarks", data=data)
    assert answer.status_code == 422
    assert "was changed meanwhile. Please tap the points again." in answer.text
    steps = alice_browser.get(f"/photos/{crown.wet}/landmarks", params={"of": of, "p": OTHERS}).text
    assert "was changed meanwhile" in steps
    assert 'name="photo_points"' not in steps
    with transaction(engine, write=False) as db:
        assert db.exec(select(Landmarks).where(Landmarks.photo_id == crown.wet)).first() is None


def test_under_another_view_nothing_is_left_of_points_and_of_being_left_out(
    crown, engine, app, midline, tap, lies, alice_browser, bob_browser
):
    fit_for_any_view(engine)
    tap(midline[1], SPOTS, SPOTS)
    tap(crown.second, OTHERS, OTHERS)
    path = f"{crown.of_client}/{crown.second}/exclude"
    answer = bob_browser.post(path, data={"reason": "blurred on the crown", "form_token": uuid4().hex})
    assert answer.status_code == 303
    relabel(alice_browser, crown.second, "midline")
    assert lies(crown.second)[0] is not AlignState.BY_HAND
    with transaction(engine, write=False) as db:
        assert db.exec(select(Reading).where(Reading.photo_id == crown.second)).one().excluded_reason == ""
    assert "blurred on the crown" not in alice_browser.get("/photos/series/midline").text


def test_a_baseline_that_goes_to_another_view_is_measured_there(engine, app, crown, alice_browser):
    fit_for_any_view(engine)
    relabel(alice_browser, crown.first, "midline")
    with transaction(engine, write=False) as db:
        assert db.exec(select(Reading).where(Reading.photo_id == crown.first)).first() is None
    app.state.worker.run_all()
    with transaction(engine, write=False) as db:
        found = db.exec(select(Reading).where(Reading.photo_id == crown.first)).one()
        assert found.reading_of == "1"


def test_a_pair_saved_of_a_photo_that_goes_to_another_view_goes_and_its_maker_is_told(
    engine, crown, alice_browser, bob_browser, bob
):
    fit_for_any_view(engine)
    pair = {"view": "crown", "before": str(crown.first), "after": str(crown.second), "use": "record", "format": "jpeg"}
    saved = bob_browser.post(f"{crown.of_client}/compare", data=pair | {"form_token": uuid4().hex}).headers["location"]
    assert bob_browser.get(saved).status_code == 200
    relabel(alice_browser, crown.second, "midline")
    assert bob_browser.get(saved).status_code == 404
    with transaction(engine, write=False) as db:
        (notice,) = db.exec(select(Notice).where(Notice.person_id == bob.id)).all()
    assert "A pair that you saved" in notice.text
    assert bob_browser.get(notice.href).status_code == 200


def test_a_baseline_chosen_and_points_tapped_at_once_are_no_error(engine, crown, alice_browser, bob_browser):
    points = {"photo_points": SPOTS, "baseline_points": SPOTS}

    def tapped():
        path = f"/photos/{crown.wet}/landmarks"
        return alice_browser.post(path, data=points | {"form_token": uuid4().hex}).status_code

    def chosen():
        path = f"{crown.of_client}/{crown.first}/baseline"
        return bob_browser.post(path, data={"form_token": uuid4().hex}).status_code

    assert set(all_at_once([tapped, chosen] * 6)) == {303}
