"""The pages, over HTTP: what a client and a practitioner read and press."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from portal.accounts.models import Person
from portal.bookings import queries, service
from portal.bookings.models import AppointmentMove, TimeTaken
from portal.bookings.rules import State
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import transaction
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.make_bookings import a_consultation, a_slot, a_treatment_session

SLOT = re.compile(r'name="slot" value="([^"]+)"')
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


def slots_on(page):
    return [value.replace("&#43;", "+") for value in SLOT.findall(page.text)]


def hidden_on(page):
    return {name: value.replace("&#43;", "+") for name, value in HIDDEN.findall(page.text)}


@pytest.fixture
def booked(engine, alice, bob, consultation):
    with transaction(engine) as db:
        return a_consultation(db, alice, bob)


def stored(engine, appointment):
    with transaction(engine, write=False) as db:
        return db.get(type(appointment), appointment.id)


def test_a_client_chooses_a_time_confirms_and_has_it(alice_browser, engine, alice, consultation):
    page = alice_browser.get("/appointments/new?treatment=free-consultation")
    assert page.status_code == 200
    assert "Europe/Berlin" in page.text
    assert 'action="/appointments/hold"' in page.text
    held = alice_browser.post("/appointments/hold", data={"treatment": "free-consultation", "slot": slots_on(page)[0]})
    assert held.status_code == 303
    confirm = alice_browser.get(held.headers["location"])
    assert "Is this right?" in confirm.text
    with transaction(engine, write=False) as db:
        assert not queries.appointments(db, alice, alice.id), "nothing is booked before it is confirmed"
    answer = alice_browser.post("/appointments", data=hidden_on(confirm))
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
    data = {"treatment": "free-consultation", "slot": wanted, "who": bob.id}
    for path in ("/appointments/hold", "/appointments"):
        answer = alice_browser.post(path, data=data)
        assert answer.status_code == 409
        assert "no longer free" in answer.text
        assert slots_on(answer)
        assert wanted not in slots_on(answer)


@pytest.mark.parametrize("slot", ["", "soon", "2026-05-04T08:00:00/nobody", "2026-05-04T08:00:00/{bob}"])
def test_without_a_readable_time_the_page_comes_back(alice_browser, bob, consultation, slot):
    data = {"treatment": "free-consultation", "slot": slot.format(bob=bob.id)}
    for path in ("/appointments/hold", "/appointments"):
        page = alice_browser.post(path, data=data)
        assert page.status_code == 422
        assert 'id="e-slot"' in page.text or "Please" in page.text
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
    for path in ("/appointments/hold", "/appointments"):
        answer = alice_browser.post(path, data={"treatment": needling.slug, "slot": slot.value})
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
        for path in ("/move", "/cancel", "/ask"):
            answer = browser.post(f"/appointments/{booked.id}{path}", data={"reason": "x", "slot": "x"})
            assert answer.status_code == (403 if browser is dana_browser and path == "/ask" else 404)


def test_a_client_cannot_open_the_teams_pages(alice_browser, alice, booked):
    for path in (f"/clients/{alice.id}/appointments/new", f"/clients/{alice.id}/course/sessions"):
        assert alice_browser.get(path).status_code == 403
        assert alice_browser.post(path, data={"slot": "x"}).status_code == 403
    for verb in ("attend", "no-show", "waive", "override", "answer"):
        assert alice_browser.post(f"/appointments/{booked.id}/{verb}").status_code == 403
    assert alice_browser.post(f"/overrides/{booked.id}/countersign").status_code == 403


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


def test_within_a_day_the_page_says_whom_to_ask(signed_in, alice, booked, later):
    with later(booked.starts_at - clock.now() - timedelta(hours=5)):
        alice_browser = signed_in(alice)
        page = alice_browser.get(f"/appointments/{booked.id}")
        assert "it can no longer be changed here alone" in page.text
        assert "Ask us to move or cancel it" in page.text
        assert "Cancel this appointment" not in page.text
        assert f"/appointments/{booked.id}/move" not in page.text
        assert alice_browser.get(f"/appointments/{booked.id}/move").status_code == 409


def test_the_list_shows_what_comes_and_what_was(alice_browser, booked):
    assert "Free consultation" in alice_browser.get("/appointments").text
    alice_browser.post(f"/appointments/{booked.id}/cancel", data={"reason": "Ill"})
    page = alice_browser.get("/appointments").text
    assert "Nothing is booked" in page
    assert "Cancelled" in page


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


def test_attended_and_missed_are_marked_on_the_appointments_page(signed_in, bob, engine, booked, later):
    page = signed_in(bob).get(f"/appointments/{booked.id}").text
    assert "Did not come" not in page
    assert f"/appointments/{booked.id}/attend" not in page
    with later(booked.starts_at - clock.now() + timedelta(minutes=10)):
        bob_browser = signed_in(bob)
        assert "Did not come" in bob_browser.get(f"/appointments/{booked.id}").text
        assert bob_browser.post(f"/appointments/{booked.id}/no-show").status_code == 303
        assert stored(engine, booked).state is State.NO_SHOW
        assert bob_browser.post(f"/appointments/{booked.id}/attend").status_code == 303
        assert stored(engine, booked).state is State.ATTENDED
        assert "Attended" in bob_browser.get(f"/appointments/{booked.id}").text


def test_a_move_to_a_time_that_is_taken_changes_nothing(alice_browser, engine, charlie, bob, booked, consultation):
    with transaction(engine) as db:
        taken = a_consultation(db, charlie, bob, in_days=5)
    data = {"slot": f"{taken.starts_at.isoformat()}/{bob.id}", "reason": "A meeting"}
    answer = alice_browser.post(f"/appointments/{booked.id}/move", data=data)
    assert answer.status_code == 409
    assert "no longer free" in answer.text
    kept = stored(engine, booked)
    assert (kept.starts_at, kept.ends_at, kept.revision) == (booked.starts_at, booked.ends_at, 0)
    with transaction(engine, write=False) as db:
        assert not db.exec(select(AppointmentMove)).all()
        for one in (booked, taken):
            claim = select(TimeTaken).where(TimeTaken.owner_id == one.id, TimeTaken.subject_id == one.client_id)
            assert db.exec(claim).one().starts_at == one.starts_at


def test_times_that_are_too_near_to_book_here_say_call_us(alice_browser, engine, alice, consultation):
    with transaction(engine) as db:
        clinic.stored_policy(db).notice_hours = 30  # within which there is an open time at whatever hour it is
    page = alice_browser.get("/appointments/new?treatment=free-consultation").text
    with transaction(engine, write=False) as db:
        days = queries.slots(db, alice, consultation, clock.now().date(), 3)
    by_call = [slot for day in days for slot in day.by_call]
    assert "only we can book" in page
    assert sum(int(count) for count in re.findall(r"book (?:it|them): (\d+) time", page)) == len(by_call) > 0
    assert not {slot.value for slot in by_call} & {value.replace("&#43;", "+") for value in SLOT.findall(page)}
    assert re.search(r'slots-by-call.*href="tel:', page)


def test_the_calendar_file_downloads_and_says_nothing_about_health(alice_browser, booked):
    answer = alice_browser.get(f"/appointments/{booked.id}/appointment.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "attachment" in answer.headers["content-disposition"]
    assert "SUMMARY:Appointment\r\n" in answer.text
    assert "onsultation" not in answer.text
    assert "Alice" not in answer.text


def test_nothing_chosen_is_said_beside_the_times(alice_browser, suitable):
    answer = alice_browser.post("/appointments/hold", data={"treatment": "scalp-micro-needling"})
    assert answer.status_code == 422
    assert "Please choose one of the times." in answer.text
