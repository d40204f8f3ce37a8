"""An open report shuts the gate and puts what is booked on hold, until it, and every other one, is closed."""

import pytest

from portal.bookings import gatekeeping, service
from portal.clinic.models import BookingPolicy
from portal.kit.errors import Refused
from portal.kit.forms import checked
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm
from portal.suitability import queries as suitability
from portal.suitability.answer import Code
from tests.make_availability import a_week
from tests.make_bookings import a_consultation, a_slot, a_treatment_session
from tests.make_escalations import an_action
from tests.make_side_effects import a_report, a_session_done, an_urgent_report
from tests.make_suitability import a_needling, a_verdict


@pytest.fixture
def booked(db, alice, bob):
    """Alice's session in three days, which the gate allows."""
    a_verdict(db, bob, alice)
    a_week(db, bob)
    return a_treatment_session(db, alice, bob)


def close(db, practitioner, report, outcome="resolved"):
    an_action(db, practitioner, report)
    side_effects.close(db, practitioner, report, checked(CloseForm, outcome=outcome).value)


def limit(db, hold_from):
    db.info.clear()
    db.add(BookingPolicy(hold_from=hold_from))
    db.flush()


def an_alarm(db, client):
    """A report within a day: redness, and the client asks for a person."""
    report = a_report(db, client)
    side_effects.ask_for_person(db, client, report)
    return report


@pytest.mark.parametrize("make", [an_urgent_report, an_alarm])
def test_an_open_alarm_puts_what_is_booked_on_hold_and_closing_lets_it_stand(db, alice, bob, booked, make):
    talk = a_consultation(db, alice, bob, in_days=5)
    report = make(db, alice)
    assert booked.on_hold_codes == [Code.SIDE_EFFECT]
    assert booked.is_booked, "its time is kept"
    assert not talk.is_on_hold, "a talk is what is needed now"
    assert gatekeeping.standing(db, booked).codes == (Code.SIDE_EFFECT,)
    side_effects.acknowledge(db, bob, report)
    an_action(db, bob, report)
    assert booked.is_on_hold, "seen and acted on is not closed"
    close(db, bob, report)
    assert not booked.is_on_hold
    assert gatekeeping.standing(db, booked).is_open


def test_no_new_session_is_booked_meanwhile(db, alice, bob, booked):
    slot = a_slot(db, alice, a_needling(db), bob, in_days=40)
    report = an_urgent_report(db, alice)
    for actor in (alice, bob):
        with pytest.raises(Refused, match=r"paused until|side effect"):
            service.book(db, actor, alice.id, a_needling(db), bob.id, slot.starts_at)
    close(db, bob, report)
    assert service.book(db, alice, alice.id, a_needling(db), bob.id, slot.starts_at)


def test_a_second_open_report_keeps_the_gate_shut(db, alice, bob, booked):
    first, second = an_urgent_report(db, alice), an_alarm(db, alice)
    close(db, bob, first, "not_related")
    assert booked.on_hold_codes == [Code.SIDE_EFFECT]
    close(db, bob, second)
    assert not booked.is_on_hold
    assert not suitability.holds(db, bob, alice.id)


def test_another_clients_report_shuts_nothing(db, alice, charlie, bob, booked):
    an_urgent_report(db, charlie)
    assert not booked.is_on_hold


def test_an_ordinary_report_shuts_nothing(db, alice, bob, booked):
    a_session_done(db, alice, bob)
    report = a_report(db, alice)
    assert not report.level.is_alarm
    assert not suitability.holds(db, bob, alice.id)


def test_the_clinics_limit_counts(db, alice, bob, booked):
    limit(db, "urgent")
    mild = an_alarm(db, alice)
    assert not booked.is_on_hold, "within a day is below “urgent”"
    report = an_urgent_report(db, alice)
    assert booked.on_hold_codes == [Code.SIDE_EFFECT]
    close(db, bob, report)
    assert mild.is_open
    assert not booked.is_on_hold
