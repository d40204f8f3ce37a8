"""Pages that compare photos: what they say, who gets them, and what they never show."""

from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from portal.comparison.models import Alignment, Landmarks, Reading
from portal.comparison.rules import AlignState
from portal.consents.rules import Purpose
from portal.kit.db import transaction
from tests.make_consents import a_signed_consent
from tests.make_side_effects import an_urgent_report
from tests.tools.validate import html_errors

POINTS = ["0.2000,0.3000", "0.7000,0.3000", "0.5000,0.7000"]


def state_of(engine, photo_id, state):
    with transaction(engine) as db:
        row = db.exec(select(Alignment).where(Alignment.photo_id == photo_id)).one()
        row.state, row.aligned_id, row.evened_id = state, None, None
        db.add(row)


def reading(engine, photo_id):
    with transaction(engine, write=False) as db:
        return db.exec(select(Reading).where(Reading.photo_id == photo_id)).one()


def tapped(engine, photo_id):
    with transaction(engine, write=False) as db:
        row = db.exec(select(Landmarks).where(Landmarks.photo_id == photo_id)).first()
        return row.points if row else None


def sent(points: Any, **more: Any) -> dict[str, Any]:
    return {"form_token": uuid4().hex, "photo_points": points, **more}


# Two photos


def test_a_pair_that_is_comparable_may_be_laid_over_each_other_and_saved(crown, alice_browser):
    page = alice_browser.get(crown.pair(crown.first, crown.second))
    assert html_errors(page.text) == []
    assert "Comparable" in page.text
    assert "4 weeks lie between them" in page.text
    assert 'value="wipe"' in page.text
    assert "Save this pair" in page.text


def test_a_pair_that_is_not_comparable_is_no_result(crown, alice_browser):
    page = alice_browser.get(crown.pair(crown.first, crown.wet)).text
    assert "Not comparable" in page
    assert "This pair is not a result" in page
    assert "The hair is wet in one of them" in page
    assert 'value="wipe"' not in page
    assert "Save this pair" not in page


def test_client_and_practitioner_read_the_same_verdict(crown, alice_browser, bob_browser):
    own = alice_browser.get(crown.pair(crown.first, crown.wet)).text
    theirs = bob_browser.get(f"{crown.of_client}/compare?view=crown&before={crown.first}&after={crown.wet}").text
    said = "This pair is not a result"
    assert said in own
    assert said in theirs


def test_without_a_choice_it_is_the_baseline_and_the_newest(crown, alice_browser):
    page = alice_browser.get("/photos/compare?view=crown").text
    assert "1 March 2026 and 30 April 2026" in page


def test_photos_that_are_not_aligned_are_shown_as_they_were_taken(crown, engine, alice_browser):
    state_of(engine, crown.second, AlignState.PROPOSED)
    page = alice_browser.get(crown.pair(crown.first, crown.second)).text
    assert "Not aligned" in page
    assert f"/photos/{crown.second}/medium.jpg" in page
    assert "/derived/" not in page
    assert f"/photos/{crown.second}/landmarks" in page


def test_a_photo_that_is_still_measured_says_how_long_it_takes(crown, engine, alice_browser):
    state_of(engine, crown.second, AlignState.WAITING)
    assert "usually takes a few seconds" in alice_browser.get(crown.pair(crown.first, crown.second)).text


def test_even_light_is_on_both_and_said_so(crown, alice_browser):
    plain = alice_browser.get(crown.pair(crown.first, crown.second)).text
    even = alice_browser.get(crown.pair(crown.first, crown.second) + "&light=even").text
    assert "light of both photos was evened out" in even
    assert "light of both photos was evened out" not in plain
    pictures = {word for word in even.split('"') if word.startswith("/derived/")}
    assert len(pictures) == 2
    assert not pictures & {word for word in plain.split('"') if word.startswith("/derived/")}


def test_original_pixels_are_one_link_away(crown, alice_browser):
    page = alice_browser.get(crown.pair(crown.first, crown.second)).text
    assert all(f'href="/photos/{photo}/large.jpg"' in page for photo in (crown.first, crown.second))


def test_with_one_photo_the_page_says_what_is_needed(alice_browser):
    page = alice_browser.get("/photos/compare?view=back")
    assert page.status_code == 200
    assert "Two photos of this view with a date are needed" in page.text


@pytest.mark.parametrize("path", ["/photos/compare?view=side_effect", "/photos/series/side_effect"])
def test_side_effects_are_no_series(path, alice_browser):
    assert alice_browser.get(path).status_code == 404


def test_another_clients_photos_are_not_in_my_pair(crown, charlie_browser):
    page = charlie_browser.get(crown.pair(crown.first, crown.second)).text
    assert str(crown.second) not in page
    assert charlie_browser.get(f"{crown.of_client}/compare?view=crown").status_code == 403


# Saving


def export(browser, crown, **other):
    chosen = {"view": "crown", "before": crown.first, "after": crown.second, "use": "record", "format": "jpeg"}
    data = {**{name: str(value) for name, value in (chosen | other).items()}, "form_token": uuid4().hex}
    return browser.post(f"{crown.of_client}/compare", data=data)


@pytest.mark.parametrize("kind, media", [("jpeg", "image/jpeg"), ("pdf", "application/pdf")])
def test_a_saved_pair_is_downloaded(crown, alice_browser, kind, media):
    answer = export(alice_browser, crown, format=kind)
    assert answer.status_code == 303
    file = alice_browser.get(answer.headers["location"])
    assert file.headers["content-type"] == media
    assert "attachment" in file.headers["content-disposition"]


def test_a_pair_that_is_no_result_is_never_saved(crown, bob_browser):
    answer = export(bob_browser, crown, after=crown.wet)
    assert answer.status_code == 422
    assert "cannot be saved as a before and after" in answer.text


def test_a_client_saves_for_the_record_only(crown, alice_browser):
    answer = export(alice_browser, crown, use="publication")
    assert answer.status_code == 422
    assert "Teaching and publication are for the clinic" in answer.text


def test_without_consent_a_pair_is_not_saved_for_teaching_and_not_offered(crown, bob_browser):
    page = bob_browser.get(f"{crown.of_client}/compare?view=crown&before={crown.first}&after={crown.second}").text
    assert 'value="record"' in page
    assert 'value="teaching"' not in page
    assert export(bob_browser, crown, use="teaching").status_code == 422


def test_publication_waits_while_a_side_effect_is_open(crown, engine, alice, bob_browser):
    with transaction(engine) as db:
        a_signed_consent(db, alice, None, Purpose.PHOTO_PUBLICATION)
    pair = f"{crown.of_client}/compare?view=crown&before={crown.first}&after={crown.second}"
    assert 'value="publication"' in bob_browser.get(pair).text
    with transaction(engine) as db:
        an_urgent_report(db, alice)
    page = bob_browser.get(pair).text
    assert 'value="publication"' not in page
    assert "paused, because a report of a side effect is open" in page
    answer = export(bob_browser, crown, use="publication")
    assert answer.status_code == 422
    assert "possible again when that report is closed" in answer.text
    assert export(bob_browser, crown).status_code == 303


def test_an_unknown_format_comes_back_with_the_same_pair(crown, bob_browser):
    answer = export(bob_browser, crown, format="gif")
    assert answer.status_code == 422
    assert "Please choose one of the options" in answer.text
    assert "1 March 2026 and 31 March 2026" in answer.text


def test_nobody_saves_another_clients_pair(crown, charlie_browser, dana_browser):
    assert export(charlie_browser, crown).status_code == 404
    assert export(dana_browser, crown).status_code == 404


# The months


def test_the_series_says_first_what_can_be_said_and_shows_no_number_without_its_band(crown, alice_browser):
    page = alice_browser.get("/photos/series/crown")
    assert html_errors(page.text) == []
    assert page.text.index("No detectable change yet") < page.text.index("Month by month")
    assert "40.0 %" in page.text
    assert page.text.count("± ") == 2  # the wet photo has no number at all
    assert "not comparable with the first photo" in page.text
    assert "not a hair count" in page.text


def test_the_time_lapse_holds_only_what_can_be_compared(crown, alice_browser):
    page = alice_browser.get("/photos/series/crown").text
    assert page.count("data-shot=") == 2
    assert "1 of 3 is left out" in page


def test_an_empty_series_leads_to_the_camera(alice_browser):
    page = alice_browser.get("/photos/series/back").text
    assert "/photos/new?view=back" in page


def test_an_unknown_view_is_not_there(alice_browser):
    assert alice_browser.get("/photos/series/nose").status_code == 404


def test_only_practitioners_find_what_they_decide(crown, alice_browser, bob_browser):
    assert "Leave it out" not in alice_browser.get("/photos/series/crown").text
    assert "Leave it out" in bob_browser.get(f"{crown.of_client}/series/crown").text


def test_a_point_is_left_out_with_a_reason_the_client_reads_and_taken_in_again(
    crown, engine, alice_browser, bob_browser
):
    where = f"{crown.of_client}/{crown.second}"
    answer = bob_browser.post(f"{where}/exclude", data={"reason": "The head was moving.", "form_token": uuid4().hex})
    assert answer.status_code == 303
    assert "The head was moving." in alice_browser.get("/photos/series/crown").text
    assert bob_browser.post(f"{where}/include", data={"form_token": uuid4().hex}).status_code == 303
    assert reading(engine, crown.second).excluded_at is None


def test_without_a_reason_nothing_is_left_out(crown, engine, bob_browser):
    answer = bob_browser.post(
        f"{crown.of_client}/{crown.second}/exclude", data={"reason": "x" * 501, "form_token": uuid4().hex}
    )
    assert answer.status_code == 422
    assert "x" * 501 in answer.text
    assert html_errors(answer.text) == []
    assert reading(engine, crown.second).excluded_at is None


def test_a_chosen_baseline_is_the_one_others_are_laid_over(crown, alice_browser, bob_browser):
    answer = bob_browser.post(f"{crown.of_client}/{crown.second}/baseline", data={"form_token": uuid4().hex})
    assert answer.status_code == 303
    assert f"/photos/{crown.second}" in alice_browser.get("/photos/series/crown").text
    page = alice_browser.get(f"/photos/{crown.second}/landmarks").text
    assert "Nothing to tap here" in page


@pytest.mark.parametrize("verb", ["exclude", "include", "baseline"])
def test_a_photo_is_decided_upon_only_under_its_own_client(crown, bob_browser, charlie, verb):
    path = f"/clients/{charlie.id}/photos/{crown.second}/{verb}"
    assert bob_browser.post(path, data={"reason": "x", "form_token": uuid4().hex}).status_code == 404


# Three points


def test_three_points_on_both_photos_are_kept(crown, engine, alice_browser):
    answer = alice_browser.post(f"/photos/{crown.second}/landmarks", data=sent(POINTS, baseline_points=POINTS))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/photos/series/crown"
    assert tapped(engine, crown.second) == tapped(engine, crown.first) == [[0.2, 0.3], [0.7, 0.3], [0.5, 0.7]]


def test_points_on_the_baseline_are_asked_once(crown, alice_browser):
    alice_browser.post(f"/photos/{crown.second}/landmarks", data=sent(POINTS, baseline_points=POINTS))
    page = alice_browser.get(f"/photos/{crown.wet}/landmarks").text
    assert "Tapped before" in page
    assert 'id="taps-photo" data-taps="photo" data-label="This photo"' in page
    assert alice_browser.post(f"/photos/{crown.wet}/landmarks", data=sent(POINTS)).status_code == 303


def test_a_practitioner_taps_too_and_comes_back_to_the_client(crown, bob_browser):
    answer = bob_browser.post(f"/photos/{crown.second}/landmarks", data=sent(POINTS, baseline_points=POINTS))
    assert answer.headers["location"] == f"{crown.of_client}/series/crown"


def test_two_points_are_not_enough_and_those_of_the_other_photo_stay(crown, engine, alice_browser):
    answer = alice_browser.post(f"/photos/{crown.second}/landmarks", data=sent(POINTS[:2], baseline_points=POINTS))
    assert answer.status_code == 422
    assert "Please tap three points." in answer.text
    assert answer.text.count(f'name="baseline_points" value="{POINTS[0]}"') == 1
    assert html_errors(answer.text) == []
    assert tapped(engine, crown.second) is None


def test_points_on_one_line_are_refused_in_words(crown, alice_browser):
    line = ["0.1,0.1", "0.5,0.5", "0.9,0.9"]
    answer = alice_browser.post(f"/photos/{crown.second}/landmarks", data=sent(line, baseline_points=POINTS))
    assert answer.status_code == 422
    assert "almost on one line" in answer.text


def test_the_first_photo_needs_its_points_too(crown, alice_browser):
    answer = alice_browser.post(f"/photos/{crown.second}/landmarks", data=sent(POINTS))
    assert answer.status_code == 422
    assert "on the first photo too" in answer.text


def test_without_a_script_each_tap_is_a_step(crown, alice_browser):
    path, steps = f"/photos/{crown.second}/landmarks", []
    for name in ("b", "b", "b", "p", "p", "p"):
        steps.append((name, POINTS[len([one for one in steps if one[0] == name])]))
        x, y = map(float, steps[-1][1].split(","))
        asked = [*steps[:-1], ("at.x", str(round(x * 320))), ("at.y", str(round(y * 240)))]
        page = alice_browser.get(path, params=asked).text
        assert html_errors(page) == []
    assert 'type="image"' not in page
    assert page.count('name="photo_points"') == page.count('name="baseline_points"') == 3
    assert POINTS[0] in page


def test_without_a_pointer_percent_can_be_typed(crown, alice_browser):
    page = alice_browser.get(f"/photos/{crown.second}/landmarks?at.x=0&at.y=0&left=20&top=30").text
    assert 'name="b" value="0.2000,0.3000"' in page
    assert "Now point 2 of 3" in page


@pytest.mark.parametrize("odd", ["at.x=a&at.y=b", "left=&top=", "b=zz&p=1,2,3", "left=nan&top=1", "at.x=99999&at.y=5"])
def test_an_odd_step_asks_again(crown, alice_browser, odd):
    page = alice_browser.get(f"/photos/{crown.second}/landmarks?{odd}")
    assert page.status_code == 200
    assert "Now point 1 of 3" in page.text


def test_nobody_taps_on_anothers_photo(crown, charlie_browser, dana_browser):
    for browser in (charlie_browser, dana_browser):
        assert browser.get(f"/photos/{crown.second}/landmarks").status_code == 404
        assert browser.post(f"/photos/{crown.second}/landmarks", data=sent(POINTS)).status_code == 404
