"""The pages, over HTTP: what a client and a practitioner read and press."""

import re
from datetime import timedelta

import pytest

from portal.accounts.models import Person
from portal.bookings import queries, service
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.db import transaction
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.make_bookings import a_consultation, a_slot, a_treatment_session

SLOT = re.compile(r'name="slot" value="([^"]+)"')


def slots_on(page):
    return [value.replace("&#43;", "+") for value in SLOT.findall(page.text)]


@pytest.fixture
def booked(engine, alice, bob, consultation):
    with transaction(engine) as db:
        return a_consultation(db, alice, bob)


def stored(engine, appointment):
    with transaction(engine, write=False) as db:
        return db.get(type(appointment), appointment.id)


def test_a_client_chooses_a_time_and_books_it(alice_browser, consultation):
    page = alice_browser.get("/appointments/new?treatment=free-consultation")
    assert page.status_code == 200
    assert "Europe/Berlin" in page.text
    answer = alice_browser.post("/appointments", data={"treatment": "free-consultation", "slot": slots_on(page)[0]})
    assert answer.status_code == 303
    shown = alice_browser.get(answer.headers["location"])
    assert "Your appointment is booked." in shown.text
    assert "Before you come" in shown.text


def test_the_same_form_twice_books_once(alice_browser, engine, alice, consultation):
    page = alice_browser.get("/appointments/new?treatment=free-consultation")
    data = {"treatment": "free-consultation", "slot": slots_on(page)[0], "form_token": "the-same"}
    first, second = (alice_browser.post("/appointments", data=data) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    with transaction(engine, write=False) as db:
        assert len(queries.appointments(db, alice, alice.id)) == 1


def test_a_time_taken_a_moment_ago_comes_back_with_others(alice_browser, engine, charlie, bob, consultation):
    page = alice_browser.get(f"/appointments/new?treatment=free-consultation&who={bob.id}")
    wanted = slots_on(page)[0]
    with transaction(engine) as db:
        slot = next(
            slot
            for day in queries.slots(db, charlie, consultation, clock.now().date(), 3, bob.id)
            for slot in day.slots
            if slot.value == wanted
        )
        service.book(db, charlie, charlie.id, consultation, bob.id, slot.starts_at)
    answer = alice_browser.post("/appointments", data={"treatment": "free-consultation", "slot": wanted, "who": bob.id})
    assert answer.status_code == 409
    assert "no longer free" in answer.text
    assert slots_on(answer)
    assert wanted not in slots_on(answer)


@pytest.mark.parametrize("slot", ["", "soon", "2026-05-04T08:00:00/nobody", "2026-05-04T08:00:00/{bob}"])
def test_without_a_readable_time_the_page_comes_back(alice_browser, bob, consultation, slot):
    data = {"treatment": "free-consultation", "slot": slot.format(bob=bob.id)}
    page = alice_browser.post("/appointments", data=data)
    assert page.status_code == 422
    assert "Error" in page.text or "Please" in page.text
    assert slots_on(page)


def test_a_shut_gate_shows_every_reason_and_no_time(alice_browser, engine, alice, bob, suitable):
    with transaction(engine) as db:
        suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Let us look first.")
        suitability.place_hold(db, bob, alice.id, HoldKind.SIDE_EFFECT, "Let us look first.")
    page = alice_browser.get("/appointments/new?treatment=scalp-micro-needling")
    assert page.status_code == 200
    assert not slots_on(page)
    assert "Your practitioner has paused new sessions" in page.text
    assert "until we have looked after what you reported" in page.text
    assert "Call us" in page.text or "call us" in page.text


def test_a_post_past_a_shut_gate_is_a_conflict_with_the_same_panel(alice_browser, engine, alice, bob, needling):
    with transaction(engine, write=False) as db:
        slot = a_slot(db, alice, needling, bob)
    answer = alice_browser.post("/appointments", data={"treatment": needling.slug, "slot": slot.value})
    assert answer.status_code == 409
    assert "has not yet decided" in answer.text
    assert "Book a free consultation" in answer.text
    assert not slots_on(answer)


def test_after_a_session_the_page_begins_where_the_interval_ends(alice_browser, engine, alice, bob, suitable):
    with transaction(engine) as db:
        first = a_treatment_session(db, alice, bob)
    page = alice_browser.get("/appointments/new?treatment=scalp-micro-needling")
    earliest = min(slots_on(page))
    assert earliest >= (first.starts_at + timedelta(days=27)).date().isoformat()


def test_the_choice_of_one_practitioner_leaves_only_her(alice_browser, erin, consultation):
    page = alice_browser.get(f"/appointments/new?treatment=free-consultation&who={erin.id}")
    assert {value.partition("/")[2] for value in slots_on(page)} == {str(erin.id)}


def test_what_cannot_be_read_in_the_address_is_ignored(alice_browser, consultation):
    page = alice_browser.get("/appointments/new?treatment=free-consultation&from=yesterday&who=nobody")
    assert page.status_code == 200
    assert slots_on(page)
    assert alice_browser.get("/appointments/new?treatment=nothing").status_code == 404


def test_a_client_abroad_reads_both_times(alice_browser, engine, alice, booked):
    with transaction(engine) as db:
        db.get_one(Person, alice.id).time_zone = "America/Lima"
    page = alice_browser.get(f"/appointments/{booked.id}")
    assert re.search(r"\d\d:\d\d CES?T", page.text)
    assert "where you are" in page.text


def test_a_stranger_and_an_admin_get_404_everywhere(charlie_browser, dana_browser, booked):
    for browser in (charlie_browser, dana_browser):
        for path in ("", "/move", "/appointment.ics"):
            assert browser.get(f"/appointments/{booked.id}{path}").status_code == 404
        for path in ("/move", "/cancel"):
            answer = browser.post(f"/appointments/{booked.id}{path}", data={"reason": "x", "slot": "x"})
            assert answer.status_code == 404


def test_a_client_cannot_open_the_teams_pages(alice_browser, alice, booked):
    for path in ("/agenda", "/hours", f"/clients/{alice.id}/appointments/new"):
        assert alice_browser.get(path).status_code == 403
    for path in (f"/appointments/{booked.id}/attend", f"/appointments/{booked.id}/no-show", "/hours"):
        assert alice_browser.post(path).status_code == 403


def test_moving_asks_for_a_reason_and_keeps_the_choice(alice_browser, engine, booked):
    page = alice_browser.get(f"/appointments/{booked.id}/move")
    wanted = slots_on(page)[-1]
    missing = alice_browser.post(f"/appointments/{booked.id}/move", data={"slot": wanted})
    assert missing.status_code == 422
    assert re.search(rf'value="{re.escape(wanted)}"[^>]* checked', missing.text.replace("&#43;", "+"))
    done = alice_browser.post(f"/appointments/{booked.id}/move", data={"slot": wanted, "reason": "A meeting"})
    assert done.status_code == 303
    assert stored(engine, booked).starts_at.isoformat() == wanted.partition("/")[0]


def test_cancelling_asks_for_a_reason(alice_browser, engine, booked):
    assert alice_browser.post(f"/appointments/{booked.id}/cancel", data={"reason": " "}).status_code == 422
    assert alice_browser.post(f"/appointments/{booked.id}/cancel", data={"reason": "Ill"}).status_code == 303
    assert stored(engine, booked).state is State.CANCELLED
    assert alice_browser.post(f"/appointments/{booked.id}/cancel", data={"reason": "Ill"}).status_code == 409


def test_within_a_day_the_page_says_whom_to_call(signed_in, alice, booked, later):
    with later(booked.starts_at - clock.now() - timedelta(hours=5)):
        alice_browser = signed_in(alice)
        page = alice_browser.get(f"/appointments/{booked.id}")
        assert "please call us" in page.text
        assert "Cancel this appointment" not in page.text
        assert alice_browser.get(f"/appointments/{booked.id}/move").status_code == 409


def test_the_list_shows_what_comes_and_what_was(alice_browser, booked):
    assert "Free consultation" in alice_browser.get("/appointments").text
    alice_browser.post(f"/appointments/{booked.id}/cancel", data={"reason": "Ill"})
    page = alice_browser.get("/appointments").text
    assert "Nothing is booked" in page
    assert "Cancelled" in page


def test_the_agenda_shows_own_appointments_and_on_request_everybodys(signed_in, bob, erin, booked):
    path = f"/agenda?day={booked.starts_at.date()}"
    assert "Alice Ash" in signed_in(bob).get(path).text
    assert "Alice Ash" not in signed_in(erin).get(path).text
    assert "Alice Ash" in signed_in(erin).get(f"{path}&who=all").text
    assert signed_in(erin).get("/agenda?day=someday").status_code == 200


def test_the_team_books_for_a_client_and_the_gate_holds(bob_browser, alice, consultation):
    path = f"/clients/{alice.id}/appointments/new"
    shut = bob_browser.get(f"{path}?treatment=scalp-micro-needling")
    assert "sign a verdict" in shut.text
    assert not slots_on(shut)
    page = bob_browser.get(f"{path}?treatment=free-consultation")
    data = {"treatment": "free-consultation", "slot": slots_on(page)[0]}
    assert bob_browser.post(path, data=data).status_code == 303
    again = bob_browser.post(path, data=data | {"slot": slots_on(page)[8]})
    assert again.status_code == 409
    assert "booked already" in again.text


def test_attended_and_missed_are_marked_from_the_agenda(signed_in, bob, engine, booked, later):
    with later(booked.starts_at - clock.now() + timedelta(minutes=10)):
        bob_browser = signed_in(bob)
        assert "Did not come" in bob_browser.get(f"/agenda?day={booked.starts_at.date()}").text
        assert bob_browser.post(f"/appointments/{booked.id}/no-show").status_code == 303
        assert stored(engine, booked).state is State.NO_SHOW
        assert bob_browser.post(f"/appointments/{booked.id}/attend").status_code == 303
        assert stored(engine, booked).state is State.ATTENDED
        assert "Attended" in bob_browser.get(f"/appointments/{booked.id}").text


def test_a_practitioner_keeps_own_hours(bob_browser, engine, bob, erin, consultation):
    page = bob_browser.get("/hours")
    assert "Monday, 09:00 to 17:00" in page.text
    row = {"weekday": "0", "opens": "18:00", "closes": "20:00"}
    assert bob_browser.post("/hours", data=row).status_code == 303
    clash = bob_browser.post("/hours", data=row | {"opens": "19:00", "closes": "21:00"})
    assert clash.status_code == 422
    assert "overlaps" in clash.text
    assert 'value="19:00"' in clash.text
    backwards = bob_browser.post("/hours", data=row | {"opens": "22:00", "closes": "21:00"})
    assert "must be after the opening" in backwards.text
    dates = {"valid_from": "2030-05-01", "valid_until": "2030-04-01"}
    assert "must not be before" in bob_browser.post("/hours", data=row | {"weekday": "1", **dates}).text
    with transaction(engine, write=False) as db:
        mine, hers = queries.hours_of(db, bob.id), queries.hours_of(db, erin.id)
    assert len(mine) == 8
    assert bob_browser.post(f"/hours/{mine[0].id}/remove").status_code == 303
    assert bob_browser.post(f"/hours/{hers[0].id}/remove").status_code == 404


def test_time_off_takes_its_times_away_and_names_what_is_booked(bob_browser, alice_browser, engine, alice, bob, booked):
    day = booked.starts_at.date().isoformat()
    answer = bob_browser.post("/hours/time-off", data={"first_day": day, "last_day": day, "reason": "A course"})
    assert answer.status_code == 303
    assert "1 already booked in that time" in bob_browser.get("/hours").text
    page = alice_browser.get(f"/appointments/{booked.id}/move?from={day}&who={bob.id}")
    assert not any(value.startswith(day) for value in slots_on(page))
    assert stored(engine, booked).state is State.BOOKED
    wrong = bob_browser.post("/hours/time-off", data={"first_day": day, "last_day": "2020-01-01"})
    assert wrong.status_code == 422
    with transaction(engine, write=False) as db:
        (off,) = queries.time_off_of(db, bob.id)
    assert bob_browser.post(f"/hours/time-off/{off.id}/remove").status_code == 303


def test_the_calendar_file_downloads_and_says_nothing_about_health(alice_browser, booked):
    answer = alice_browser.get(f"/appointments/{booked.id}/appointment.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "attachment" in answer.headers["content-disposition"]
    assert "SUMMARY:Appointment at Your clinic" in answer.text
    assert "onsultation" not in answer.text
    assert "Alice" not in answer.text
