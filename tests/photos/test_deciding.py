"""After sending: what is poor is kept or taken again, what is no scalp waits apart, another view is filed anew."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from PIL import Image
from sqlmodel import Session

from portal.kit.db import transaction
from portal.photos import deciding, queries, service
from portal.photos.models import Photo
from portal.photos.rules import Wetness
from portal.photos.service import Upload
from portal.photos.vault import Vault
from portal.photos.views import View
from tests.photos import make_scalps as scalps
from tests.photos.looking import spoil

Sent = Callable[..., Photo]


@pytest.fixture
def sent(engine, app, alice) -> Sent:
    """A photo of Alice's, stored."""

    def make(image: Image.Image | None = None, view: View = View.CROWN) -> Photo:
        vault = Vault(app.state.storage, app.state.photo_master)
        with transaction(engine) as db:
            raw = scalps.jpeg(image or scalps.good())
            return service.take_in(db, vault, alice, alice.id, Upload(raw, None, view)).photo

    return make


@pytest.fixture
def now(engine) -> Callable[[UUID], Photo]:
    """A photo as it stands in the database."""

    def read(photo: Photo) -> Photo:
        with Session(engine) as db:
            return queries.stored(db, photo.id)

    return read


@pytest.fixture
def told(monkeypatch):
    """The photos that TAKEN was told of, with their views."""
    heard: list[tuple[UUID, View]] = []
    monkeypatch.setattr(service, "TAKEN", service.Event())
    service.TAKEN.listen(lambda _, photo: heard.append((photo.id, photo.view)))
    return heard


def test_a_good_photo_leads_on(alice_browser, sent):
    sent()
    assert alice_browser.get("/photos/sent").headers["location"] == "/photos"


def test_a_poor_photo_can_be_kept_and_stays_marked(alice_browser, sent, now):
    photo = sent(scalps.blurred(scalps.good()))
    page = alice_browser.get("/photos/sent").text
    assert "The hair is not sharp. Hold the phone still, or rest your elbows." in page
    for words in ("Keep it anyway", "Take it again", "Remove it"):
        assert words in page
    assert "waits for a word from you" in alice_browser.get("/photos").text
    assert alice_browser.post(f"/photos/{photo.id}/keep").headers["location"] == "/photos/sent"
    assert alice_browser.get("/photos/sent").headers["location"] == "/photos"
    assert now(photo).faults == ["blurred"]
    assert "Could be better" in alice_browser.get("/photos").text


def test_a_poor_photo_is_in_the_series_and_is_no_example(db, sent, alice):
    poor, good = sent(scalps.blurred(scalps.good())), sent(scalps.good(shot=2))
    assert [photo.id for photo in queries.photos(db, alice, alice.id)] == [poor.id, good.id]
    assert queries.last_accepted(db, alice.id, View.CROWN).id == good.id
    assert queries.ghosts(queries.photos(db, alice, alice.id)) == {"crown": good.id}


def test_what_is_no_scalp_waits_apart_until_it_is_confirmed(alice_browser, bob_browser, engine, sent, alice, bob, told):
    lawn = sent(scalps.blurred(scalps.lawn(), 8))
    with transaction(engine, write=False) as db:
        assert [photo.id for photo in queries.apart(db, bob, alice.id)] == [lawn.id]
        assert not queries.photos(db, alice, alice.id)
        assert not queries.unreviewed(db, bob)
    assert "Kept apart" in bob_browser.get(f"/clients/{alice.id}/photos").text
    assert "Yes, it is my scalp" in alice_browser.get("/photos/sent").text
    assert alice_browser.post(f"/photos/{lawn.id}/confirm").status_code == 303
    with transaction(engine, write=False) as db:
        assert [photo.id for photo in queries.photos(db, alice, alice.id)] == [lawn.id]
    assert told == [(lawn.id, View.CROWN)] * 2, "when it came and when it was confirmed"
    assert "Keep it anyway" in alice_browser.get("/photos/sent").text, "its faults are said only now"


def test_a_view_in_doubt_is_asked_and_either_answer_ends_it(alice_browser, engine, sent, now):
    for answer in (View.MIDLINE, View.CROWN):
        photo = sent(scalps.good(shot=2 + (answer is View.CROWN)))
        with transaction(engine) as db:
            service.suspect(db, photo.id, View.MIDLINE)
        page = alice_browser.get("/photos/sent").text
        assert "It stands under “Crown”. Perhaps it is “Mid-line parting”." in page
        assert alice_browser.post(f"/photos/{photo.id}/view", data={"view": answer.value}).status_code == 303
        assert now(photo).view is answer
        with transaction(engine) as db:
            service.suspect(db, photo.id, View.BACK)
        assert now(photo).suspected_view is None, "who looked knows better than who measured"


def test_another_view_is_measured_where_its_region_is(bob_browser, sent, now, told):
    photo = sent(scalps.focused_behind(scalps.good()))
    assert photo.faults == ["background"]
    assert bob_browser.post(f"/photos/{photo.id}/view", data={"view": "front_hairline"}).status_code == 303
    there = now(photo)
    assert there.view is View.FRONT_HAIRLINE
    assert there.quality != photo.quality
    assert there.measured.short_side == 1200
    assert told == [(photo.id, View.CROWN), (photo.id, View.FRONT_HAIRLINE)]


def test_measured_again_the_numbers_are_the_same(engine, app, alice, sent):
    vault = Vault(app.state.storage, app.state.photo_master)
    there = sent(scalps.good(View.MIDLINE), View.MIDLINE)
    with transaction(engine) as db:
        queries.stored(db, there.id).view = View.CROWN
    again = deciding.measured_as(engine, vault, alice, there.id, View.MIDLINE)
    assert again.sharpness == pytest.approx(there.measured.sharpness, abs=0.1)
    assert again.luma == pytest.approx(there.measured.luma, abs=2)
    assert again.short_side == 1200


@pytest.mark.parametrize("damage", ["changed", "gone", "no picture"])
def test_a_photo_that_does_not_open_keeps_its_view_and_says_why(alice_browser, engine, app, sent, now, damage):
    photo = sent()
    if damage == "no picture":
        vault = Vault(app.state.storage, app.state.photo_master)
        with transaction(engine) as db:
            queries.stored(db, photo.id).large = vault.put(vault.key_of(db, photo.client_id), b"\xff\xd8\xff nothing")
    elif damage == "gone":
        app.state.storage.delete(photo.large)
    else:
        spoil(app.state.storage.folder / photo.large)
    answer = alice_browser.post(f"/photos/{photo.id}/view", data={"view": "back"})
    assert (answer.status_code, now(photo).view) == (409, View.CROWN)
    assert "cannot be opened any more, so its view stays as it is" in answer.text


def test_the_photo_of_a_report_has_no_view(alice_browser, bob_browser, sent, now, told):
    photo = sent(view=View.SIDE_EFFECT)
    for browser in (alice_browser, bob_browser):
        answer = browser.post(f"/photos/{photo.id}/view", data={"view": "crown"})
        assert (answer.status_code, "belongs to a report" in answer.text) == (409, True)
    assert (now(photo).view, len(told)) == (View.SIDE_EFFECT, 1)


def test_no_view_or_a_wrong_one_changes_nothing(alice_browser, sent, now):
    photo = sent()
    for view in ("", "side_effect", "moon"):
        assert alice_browser.post(f"/photos/{photo.id}/view", data={"view": view}).status_code == 303
    assert now(photo).view is View.CROWN


def test_the_hair_can_be_said_later(alice_browser, bob_browser, sent, now, told):
    photo = sent()
    assert alice_browser.post(f"/photos/{photo.id}/details", data={"wetness": "wet"}).status_code == 303
    assert now(photo).wetness is Wetness.WET
    assert len(told) == 2
    assert "<dd>wet</dd>" in bob_browser.get(f"/photos/{photo.id}").text
    assert bob_browser.post(f"/photos/{photo.id}/details", data={"wetness": "dry"}).status_code == 403


def test_strangers_decide_nothing(charlie_browser, sent, now):
    photo = sent(scalps.blurred(scalps.good()))
    for verb in ("keep", "confirm", "view", "details", "date"):
        data = {"view": "back", "taken_on": "2026-01-01"}
        assert charlie_browser.post(f"/photos/{photo.id}/{verb}", data=data).status_code == 404
    assert (now(photo).kept_at, now(photo).view) == (None, View.CROWN)


def test_a_photo_that_was_withdrawn_while_its_page_was_open_is_kindly_gone(
    alice_browser, bob_browser, charlie_browser, engine, sent
):
    photo = sent()
    with transaction(engine) as db:
        queries.stored(db, photo.id).withdrawn_at = datetime(2026, 4, 1, tzinfo=UTC)
    for browser in (alice_browser, bob_browser):
        for path in ("", "/small.jpg", "/original"):
            answer = browser.get(f"/photos/{photo.id}{path}")
            assert answer.status_code == 404
            assert "This photo was withdrawn." in answer.text
        assert browser.post(f"/photos/{photo.id}/view", data={"view": "back"}).status_code == 404
    assert "withdrawn" not in charlie_browser.get(f"/photos/{photo.id}").text
    assert "No photos yet" in alice_browser.get("/photos").text


def test_a_withdrawn_photo_is_in_no_list(db, sent, alice, bob):
    photo = queries.stored(db, sent(scalps.lawn()).id)
    photo.withdrawn_at, photo.taken_on, photo.faults = datetime(2026, 4, 1, tzinfo=UTC), None, ["blurred"]
    photo.suspected_view = View.BACK
    db.flush()
    for viewer in (alice, bob):
        assert not queries.photos(db, viewer, alice.id)
        assert not queries.apart(db, viewer, alice.id)
        assert not queries.to_decide(db, viewer)
        assert not queries.undated(db, viewer)
        assert not queries.unreviewed(db, viewer)
    assert queries.last_accepted(db, alice.id, View.CROWN) is None
