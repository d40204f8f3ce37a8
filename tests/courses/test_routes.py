from datetime import timedelta

import pytest

from portal.kit import clock
from portal.kit.db import transaction
from tests.make_suitability import a_course, a_needling, a_verdict


@pytest.fixture
def fields(engine, alice, bob):
    with transaction(engine) as db:
        a_verdict(db, bob, alice)
        needling = a_needling(db)
    review = clock.now().date() + timedelta(days=120)
    return {
        "treatment_id": str(needling.id),
        "sessions_planned": "4",
        "interval_days": "28",
        "review_on": review.isoformat(),
        "stop_rule": "No change at the review.",
        "note": "Anxious.",
    }


def test_a_practitioner_agrees_and_the_client_reads_it(bob_browser, alice_browser, fields, alice):
    assert 'value="6"' in bob_browser.get(f"/clients/{alice.id}/course").text
    assert bob_browser.post(f"/clients/{alice.id}/course", data=fields).status_code == 303
    assert "Anxious." in bob_browser.get(f"/clients/{alice.id}/course").text
    page = alice_browser.get("/course").text
    assert "No change at the review." in page
    assert "Anxious." not in page


def test_without_a_verdict_the_page_says_why_and_where_to_go(bob_browser, charlie, fields):
    page = bob_browser.get(f"/clients/{charlie.id}/course").text
    assert "A course needs an open verdict" in page
    assert f"/clients/{charlie.id}/verdict" in page
    refused = bob_browser.post(f"/clients/{charlie.id}/course", data=fields)
    assert refused.status_code == 422
    assert "has not yet decided" in refused.text


def test_a_mistake_comes_back_with_what_was_typed(bob_browser, fields, alice):
    page = bob_browser.post(f"/clients/{alice.id}/course", data={**fields, "interval_days": "3"})
    assert page.status_code == 422
    assert 'value="3"' in page.text
    assert "This must be 7 or more." in page.text


def test_a_plan_beyond_the_verdict_comes_back(bob_browser, fields, alice):
    page = bob_browser.post(f"/clients/{alice.id}/course", data={**fields, "sessions_planned": "9"})
    assert page.status_code == 422
    assert "The verdict covers 6 sessions." in page.text
    assert 'value="9"' in page.text


def test_what_was_agreed_on_is_read_by_both(bob_browser, alice_browser, fields, alice):
    more = {"zones": ["vertex"], "window_days": "5", "photos_before": "1, 4", "reviews_after": "2"}
    assert bob_browser.post(f"/clients/{alice.id}/course", data={**fields, **more}).status_code == 303
    page = bob_browser.get(f"/clients/{alice.id}/course").text
    assert "Crown" in page
    assert "5 days" in page
    assert f'href="/clients/{alice.id}/course/sessions"' in page
    assert 'href="/course/sessions"' in alice_browser.get("/course").text
    sessions = alice_browser.get("/course/sessions").text
    assert sessions.count("Photos before") == 2
    assert sessions.count("Look together after") == 1


def test_a_course_ends_with_a_reason(bob_browser, engine, alice, bob, fields):
    with transaction(engine) as db:
        a_course(db, bob, alice)
    assert bob_browser.post(f"/clients/{alice.id}/course/end", data={"reason": ""}).status_code == 422
    assert bob_browser.post(f"/clients/{alice.id}/course/end", data={"reason": "Moved away."}).status_code == 303
    assert "Moved away." in bob_browser.get(f"/clients/{alice.id}/course").text
    assert bob_browser.post(f"/clients/{alice.id}/course/end", data={"reason": "Again."}).status_code == 404


def test_without_a_course_the_client_is_told_what_comes_first(alice_browser, engine):
    assert "No plan yet" in alice_browser.get("/course").text


def test_another_client_and_other_roles_do_not_see_it(charlie_browser, dana_browser, alice_browser, fields, alice):
    assert "No plan yet" in charlie_browser.get("/course").text
    for browser in (dana_browser, alice_browser):
        assert browser.get(f"/clients/{alice.id}/course").status_code == 403
        assert browser.post(f"/clients/{alice.id}/course", data=fields).status_code == 403
    assert dana_browser.get("/course").status_code == 403


def test_a_course_of_nobody_is_not_found(bob_browser, dana):
    assert bob_browser.get(f"/clients/{dana.id}/course").status_code == 404
