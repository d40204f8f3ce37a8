"""A pair is the one that was asked for, or none: no other photo takes the place of one that is gone."""

from uuid import uuid4

import pytest
from sqlmodel import select

from portal.derivations.models import Derivation
from portal.derivations.rules import DerivationKind
from portal.kit.db import transaction
from portal.photos.models import Photo
from portal.photos.views import View
from tests.tools.validate import html_errors

GONE = "One of these photos is not there any more"


@pytest.fixture(params=["unknown", "withdrawn", "undated", "of another view"])
def missing(request, crown, engine, alice_browser):
    """The id of a photo that is in no series of the crown."""
    if request.param == "unknown":
        return uuid4()
    if request.param == "withdrawn":
        answer = alice_browser.post(f"/photos/{crown.wet}/remove", data={"form_token": uuid4().hex})
        assert answer.status_code == 303
        return crown.wet
    with transaction(engine) as db:
        photo = db.get_one(Photo, crown.wet)
        if request.param == "undated":
            photo.taken_on = None
        else:
            photo.view = View.MIDLINE
        db.add(photo)
    return crown.wet


def test_a_pair_with_a_photo_that_is_not_there_is_said_to_be_none(crown, missing, alice_browser):
    for pair in (crown.pair(missing, crown.second), crown.pair(crown.first, missing)):
        page = alice_browser.get(pair)
        assert page.status_code == 200
        assert html_errors(page.text) == []
        assert GONE in page.text
        assert "lie between them" not in page.text
        assert "Save this pair" not in page.text
        assert "Show these two" in page.text


def test_nothing_is_saved_of_a_pair_with_a_photo_that_is_not_there(crown, engine, missing, bob_browser):
    pair = {"view": "crown", "before": str(missing), "after": str(crown.second), "use": "record", "format": "jpeg"}
    answer = bob_browser.post(f"{crown.of_client}/compare", data=pair | {"form_token": uuid4().hex})
    assert answer.status_code == 422
    assert html_errors(answer.text) == []
    assert f"{GONE}, so nothing was saved." in answer.text
    assert "Show these two" in answer.text
    with transaction(engine, write=False) as db:
        assert not db.exec(select(Derivation).where(Derivation.kind == DerivationKind.PAIR)).all()


def test_what_is_no_id_brings_no_other_pair(crown, bob_browser):
    pair = {"view": "crown", "before": "zz", "after": str(crown.second), "use": "record", "format": "jpeg"}
    answer = bob_browser.post(f"{crown.of_client}/compare", data=pair | {"form_token": uuid4().hex})
    assert answer.status_code == 422
    assert "lie between them" not in answer.text


def test_one_photo_chosen_twice_is_told(crown, alice_browser):
    page = alice_browser.get(crown.pair(crown.second, crown.second)).text
    assert "These two are one photo" in page
    assert html_errors(page) == []


def test_with_one_photo_left_the_page_still_says_what_is_gone(crown, alice_browser):
    for one in (crown.second, crown.wet):
        alice_browser.post(f"/photos/{one}/remove", data={"form_token": uuid4().hex})
    page = alice_browser.get(crown.pair(crown.first, crown.second)).text
    assert GONE in page
    assert "There is nothing to put beside it yet" in page
