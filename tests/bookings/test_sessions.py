"""What booking adds to the gate's facts, and what an appointment takes besides a practitioner's time."""

from datetime import timedelta

import pytest
from sqlmodel import select

from portal.bookings import queries, service
from portal.bookings.models import TimeTaken
from portal.bookings.rules import FreedTime
from portal.courses import service as courses
from portal.courses.forms import EndForm
from portal.kit import clock
from portal.kit.errors import Refused
from portal.kit.forms import checked
from tests.make_availability import a_closure, a_device, a_room
from tests.make_bookings import a_consultation, a_slot, a_treatment_session, an_attended
from tests.make_consents import a_document
from tests.make_suitability import a_course, a_verdict


def test_the_rest_is_the_longer_of_treatment_and_course(db, alice, bob, suitable):
    a_course(db, bob, alice, interval_days=42)
    a_treatment_session(db, alice, bob, in_days=2)
    with pytest.raises(Refused, match="42 days"):
        a_treatment_session(db, alice, bob, in_days=43)
    booked = a_treatment_session(db, alice, bob, in_days=44)
    service.cancel(db, alice, booked, "On holiday")
    courses.end(db, bob, alice.id, checked(EndForm, reason="Enough.").value)
    assert a_treatment_session(db, alice, bob, in_days=31).is_booked


def test_used_sessions_count_from_the_newest_signature(db, alice, bob, needling, later):
    a_verdict(db, bob, alice, sessions=1)
    done = an_attended(db, bob, a_treatment_session(db, alice, bob))
    with later(done.starts_at - clock.now() + timedelta(days=1)):
        with pytest.raises(Refused, match="are done or booked"):
            a_treatment_session(db, alice, bob, in_days=30)
        a_verdict(db, bob, alice, sessions=1)
        assert a_treatment_session(db, alice, bob, in_days=30).is_booked
        with pytest.raises(Refused, match="are done or booked"):
            a_treatment_session(db, alice, bob, in_days=58)


def test_the_first_session_waits_for_the_time_to_think_and_later_ones_do_not(db, alice, bob, needling, later):
    needling.cooling_off_days = 7
    db.add(needling)
    a_verdict(db, bob, alice)
    with pytest.raises(Refused, match="time to think"):
        a_treatment_session(db, alice, bob, in_days=6)
    done = an_attended(db, bob, a_treatment_session(db, alice, bob, in_days=7))
    with later(done.starts_at - clock.now() + timedelta(days=27)):
        a_verdict(db, bob, alice)
        assert a_treatment_session(db, alice, bob, in_days=1).is_booked


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_without_a_consent_nobody_books_a_session(db, cast, alice, bob, needling, who):
    a_verdict(db, bob, alice, consents=False)
    a_document(db, None, needling)
    with pytest.raises(Refused, match="not yet signed your consent"):
        a_treatment_session(db, alice, bob, actor=getattr(cast, who))


def test_sessions_on_other_zones_only_do_not_rest_for_each_other(db, alice, bob, needling, later):
    a_verdict(db, bob, alice, zones=["frontal", "vertex"])
    first = a_treatment_session(db, alice, bob)
    with later(first.starts_at - clock.now()):
        service.attend(db, bob, first, ("frontal",))
    with later(first.starts_at - clock.now() + timedelta(hours=5)):
        a_course(db, bob, alice, zones=["vertex"])
        assert a_treatment_session(db, alice, bob, in_days=7).is_booked
        courses.end(db, bob, alice.id, checked(EndForm, reason="Enough.").value)
        a_course(db, bob, alice, zones=["frontal", "vertex"])
        with pytest.raises(Refused, match="rests for 28 days"):
            a_treatment_session(db, alice, bob, in_days=14)


def test_a_session_belongs_to_the_course_that_runs_for_its_treatment(db, alice, bob, suitable):
    talk, without = a_consultation(db, alice, bob, in_days=2), a_treatment_session(db, alice, bob, in_days=3)
    course = a_course(db, bob, alice)
    within = a_treatment_session(db, alice, bob, in_days=31)
    assert (talk.course_id, without.course_id, within.course_id) == (None, None, course.id)
    assert (talk.session_number, without.session_number, within.session_number) == (None, 1, 1)


def test_room_and_device_are_taken_with_the_practitioner_or_nothing_is(db, alice, bob, charlie, erin, consultation):
    room, device = a_room(db, consultation), a_device(db, consultation)
    booked = a_consultation(db, alice, bob)
    assert (booked.room_id, booked.device_id) == (room.id, device.id)
    with pytest.raises(Refused, match="no longer free"):
        service.book(db, charlie, charlie.id, consultation, erin.id, booked.starts_at)
    assert not queries.appointments(db, charlie, charlie.id)
    assert len(db.exec(select(TimeTaken)).all()) == 4, "client, practitioner, room, device"
    service.cancel(db, alice, booked, "On holiday")
    assert not db.exec(select(TimeTaken)).all()
    assert service.book(db, charlie, charlie.id, consultation, erin.id, booked.starts_at).is_booked


def test_two_sessions_at_a_time_find_two_rooms(db, alice, bob, charlie, erin, consultation):
    rooms = {a_room(db, consultation, "Room 1").id, a_room(db, consultation, "Room 2").id}
    first = a_consultation(db, alice, bob)
    second = service.book(db, charlie, charlie.id, consultation, erin.id, first.starts_at)
    assert {first.room_id, second.room_id} == rooms


def test_a_day_on_which_the_clinic_is_shut_has_no_times(db, alice, bob, consultation):
    slot = a_slot(db, alice, consultation, bob)
    a_closure(db, slot.starts_at.date())
    with pytest.raises(Refused, match="no longer free"):
        service.book(db, alice, alice.id, consultation, bob.id, slot.starts_at)


def test_the_deposit_is_an_amount_that_is_kept(db, alice, bob, consultation):
    consultation.deposit_cents = 2500
    db.add(consultation)
    booked = a_consultation(db, alice, bob)
    consultation.deposit_cents = 9900
    db.flush()
    assert booked.deposit_cents == 2500


def test_who_gives_time_back_tells_whoever_listens(db, alice, bob, consultation, monkeypatch):
    told = []
    monkeypatch.setattr(service.FREED, "_listeners", [lambda _, time: told.append(time)])
    booked = a_consultation(db, alice, bob)
    first = FreedTime(bob.id, booked.starts_at, booked.ends_at)
    assert told == []
    service.move(db, alice, booked, a_slot(db, alice, consultation, bob, in_days=6).starts_at, bob.id, "A meeting")
    assert told == [first]
    service.cancel(db, alice, booked, "On holiday")
    assert told == [first, FreedTime(bob.id, booked.starts_at, booked.ends_at)]
