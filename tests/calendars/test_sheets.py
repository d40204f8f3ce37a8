"""The team's day and week: who stands where, what is flagged, whose names are hidden, what leads where."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.availability.models import Closure, Resource, TimeOff
from portal.availability.rules import ResourceKind
from portal.bookings.models import Appointment, ChangeRequest, GateOverride
from portal.bookings.rules import OverrideKind, Wish
from portal.consents.models import Consent
from portal.kit import clock
from portal.kit.db import transaction
from tests.make_bookings import a_consultation, a_treatment_session, at_clinic
from tests.make_suitability import a_verdict


def day_of(booked):
    return f"/agenda?day={booked.starts_at.date()}"


def change(engine, booked, **values):
    with transaction(engine) as db:
        db.get_one(Appointment, booked.id).sqlmodel_update(values)


@pytest.fixture
def treatment(at_work, engine, cast):
    """A session of Charlie's with Erin, on the day of Alice's consultation."""
    with transaction(engine) as db:
        a_verdict(db, cast.bob, cast.charlie)
        return a_treatment_session(db, cast.charlie, cast.erin, in_days=5, hour=11)


def test_everybody_stands_in_a_lane_of_their_own(booked, treatment, bob_browser):
    page = bob_browser.get(day_of(booked)).text
    for words in (
        'data-label="Bob Birch"',
        'data-label="Erin Elm"',
        "2 appointments",
        "Alice Ash",
        "Charlie Cedar",
        "10:00",
        "11:00",
        "session 1",
        f"/appointments/{booked.id}/move",
    ):
        assert words in page


def test_mine_is_mine(booked, treatment, bob_browser):
    page = bob_browser.get(day_of(booked) + "&who=mine").text
    assert "Alice Ash" in page
    assert "Charlie Cedar" not in page


def test_by_room_every_appointment_has_a_place_even_without_a_room(engine, booked, bob_browser):
    with transaction(engine) as db:
        db.add(Resource(kind=ResourceKind.ROOM, name="Room 1"))
    page = bob_browser.get(day_of(booked) + "&view=rooms").text
    assert "Room 1" in page
    assert "No room" in page
    assert "Alice Ash" in page


def test_a_week_shows_one_practitioner_or_one_room(engine, booked, treatment, bob_browser, erin):
    with transaction(engine) as db:
        room = Resource(kind=ResourceKind.ROOM, name="Room 1")
        db.add(room)
        db.flush()
        db.get_one(Appointment, treatment.id).room_id = room.id
    week = f"/agenda/week?day={booked.starts_at.date()}"
    assert "Alice Ash" in bob_browser.get(week).text
    for who in (erin.id, room.id):
        page = bob_browser.get(f"{week}&who={who}").text
        assert "Charlie Cedar" in page
        assert "Alice Ash" not in page


def test_names_can_be_hidden_and_stay_hidden(booked, bob_browser):
    assert "Alice Ash" in bob_browser.get(day_of(booked)).text
    for path in (f"{day_of(booked)}&names=initials", day_of(booked), "/agenda/week" + day_of(booked)[7:]):
        page = bob_browser.get(path).text
        assert "A.A." in page
        assert "Alice" not in page
    assert "Alice Ash" in bob_browser.get(f"{day_of(booked)}&names=full").text
    assert "Alice Ash" in bob_browser.get(day_of(booked)).text


def test_what_is_not_settled_is_flagged(engine, booked, treatment, bob_browser, bob, alice):
    page = bob_browser.get(day_of(booked)).text
    assert "Health not confirmed" in page
    for absent in ("Consent missing", "On hold", "Override", "Confirmed", "Change asked for"):
        assert absent not in page
    change(engine, treatment, on_hold_since=clock.now(), on_hold_until=treatment.starts_at)
    change(engine, booked, confirmed_at=clock.now())
    with transaction(engine) as db:
        for wanted, at in ((True, booked.starts_at), (False, booked.starts_at - timedelta(days=1))):
            about = {"appointment_id": booked.id, "client_id": alice.id, "for_starts_at": at, "by_id": bob.id}
            said = {"codes": ["hold"], "kind": OverrideKind.CLINICAL, "reason": "x", "needs_countersign": not wanted}
            db.add(GateOverride(**about, **said))
        db.add(ChangeRequest(appointment_id=booked.id, client_id=alice.id, wish=Wish.MOVE, reason="x"))
    page = bob_browser.get(day_of(booked)).text
    for present in ("On hold", "Override", "Confirmed", "Change asked for"):
        assert present in page
    assert "not countersigned" not in page, "that override was about another time"


def test_a_session_without_a_consent_is_flagged(at_work, engine, cast, bob_browser):
    with transaction(engine) as db:
        a_verdict(db, cast.bob, cast.charlie)
        one = a_treatment_session(db, cast.charlie, cast.erin, in_days=5, hour=11)
        db.exec(sa.delete(Consent))
    assert "Consent missing" in bob_browser.get(day_of(one)).text


def test_the_ground_shows_who_is_away_and_when_the_clinic_is_shut(engine, booked, bob, bob_browser):
    with transaction(engine) as db:
        day = booked.starts_at.date()
        begins, ends = at_clinic(db, day, 13), at_clinic(db, day, 15)
        db.add(TimeOff(practitioner_id=bob.id, starts_at=begins, ends_at=ends, reason="dentist"))
        db.add(Closure(starts_at=ends, ends_at=at_clinic(db, day, 17), name="Fire drill"))
    page = bob_browser.get(day_of(booked)).text
    assert "Fire drill" in page
    assert 'data-kind="off"' in page
    assert "dentist" not in page
    assert "13:00 to 15:00</span></a>" not in page, "nothing is free then"


def test_a_free_time_leads_to_booking_for_a_client(booked, alice, bob, bob_browser):
    page = bob_browser.get(day_of(booked) + "&who=mine").text
    assert f"/agenda/book?day={booked.starts_at.date()}&amp;who={bob.id}" in page
    found = bob_browser.get(f"/agenda/book?day={booked.starts_at.date()}&who={bob.id}&words=ash").text
    assert "Charlie" not in found
    link = f"/clients/{alice.id}/appointments/new?from={booked.starts_at.date()}&amp;who={bob.id}"
    assert link in found
    assert bob_browser.get(link.replace("&amp;", "&")).status_code == 200


def test_what_has_begun_can_be_marked_and_no_longer_moved(booked, signed_in, bob, later):
    with later(booked.starts_at - clock.now() + timedelta(minutes=5)):
        page = signed_in(bob).get(day_of(booked)).text
    assert "Did not come" in page
    assert "data-movable" not in page


def test_cancelled_ones_leave_no_trace(engine, booked, bob_browser):
    change(engine, booked, state="cancelled")
    assert "Alice Ash" not in bob_browser.get(day_of(booked)).text


@pytest.mark.parametrize(
    "query", ["?day=someday", "?day=0001-01-01", "?who=nobody", "?view=x", "/week?day=9999-12-31", "/book?who=1"]
)
def test_what_cannot_be_read_counts_as_not_said(at_work, bob_browser, query):
    assert bob_browser.get(f"/agenda{query}").status_code == 200


def test_only_practitioners_look(at_work, alice_browser, dana_browser):
    for path in ("/agenda", "/agenda/week", "/agenda/book"):
        assert alice_browser.get(path).status_code == 403
        assert dana_browser.get(path).status_code == 403


def test_a_full_day_costs_as_many_statements_as_an_empty_one(engine, at_work, cast, signed_in):
    browser = signed_in(cast.bob)
    with transaction(engine) as db:
        day = at_clinic(db, clock.now().date() + timedelta(days=6), 9).date()

    def statements():
        seen = []

        def watch(*what):
            seen.append(what[2])

        sa.event.listen(engine, "before_cursor_execute", watch)
        assert browser.get(f"/agenda?day={day}").status_code == 200
        sa.event.remove(engine, "before_cursor_execute", watch)
        return len([one for one in seen if one.startswith("SELECT")])

    with transaction(engine) as db:
        a_consultation(db, cast.alice, cast.bob, in_days=6, hour=9)
    few = statements()
    with transaction(engine) as db:
        a_consultation(db, cast.charlie, cast.bob, in_days=6, hour=11)
    assert statements() <= few
