"""Ways round the gate that somebody once found: a shorter rest, a mistake put right, another zone, another kind."""

from datetime import timedelta

import pytest

from portal.bookings import gatekeeping, queries, service, whole_course
from portal.bookings.forms import Chosen
from portal.clinic import queries as clinic
from portal.clinic import service as clinic_service
from portal.clinic.forms import ClinicForm
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import Refused
from portal.kit.forms import checked
from portal.suitability import service as suitability
from portal.treatments import service as catalogue
from tests.bookings.conftest import a_yes
from tests.bookings.shutting import CLINICAL, PRACTICAL, pause
from tests.gate.facts import as_form
from tests.make_bookings import a_slot, a_treatment_session
from tests.make_consents import a_signed_consent
from tests.make_suitability import a_verdict


@pytest.fixture
def booked(db, alice, bob, suitable):
    return a_treatment_session(db, alice, bob)


def begun(appointment):
    return clock.travelled(appointment.starts_at - clock.now() + timedelta(seconds=20))


def test_a_session_with_a_shorter_rest_does_not_slip_in_before_one_with_a_longer(
    db, alice, bob, erin, needling, suitable
):
    light = catalogue.save(db, None, as_form(needling, name="Light needling", order=9, interval_days=7))
    later = a_treatment_session(db, alice, bob, in_days=40)
    a_signed_consent(db, alice, light)
    with clock.travelled(timedelta(seconds=5)):
        suitability.sign_verdict(db, bob, alice.id, a_yes(light))
        gatekeeping.countersign(db, erin, gatekeeping.override_standing(db, bob, later, CLINICAL).id)
        assert not later.is_on_hold
        service.book(db, alice, alice.id, light, bob.id, a_slot(db, alice, light, bob, in_days=30).starts_at)
    assert later.on_hold_codes == ["too_soon"]


def test_who_was_missed_while_on_hold_is_not_marked_as_attended(db, alice, bob, booked):
    pause(db, bob, alice)
    with begun(booked):
        service.no_show(db, bob, booked)
        with pytest.raises(Refused, match="on hold"):
            service.attend(db, bob, booked)


def test_what_has_begun_on_hold_is_neither_overridden_nor_countersigned(db, alice, bob, erin, booked):
    pause(db, bob, alice)
    row = gatekeeping.override_standing(db, bob, booked, PRACTICAL)
    with begun(booked):
        with pytest.raises(Refused, match="has come"):
            gatekeeping.override_standing(db, bob, booked, CLINICAL)
        with pytest.raises(Refused, match="has come"):
            gatekeeping.countersign(db, erin, row.id)


def test_another_time_zone_of_the_clinic_asks_about_everybody_again(engine, alice, bob, suitable, run_jobs):
    with transaction(engine) as db:
        booked = a_treatment_session(db, alice, bob, hour=14)
        a_verdict(db, bob, alice, consents=False, valid_until=booked.starts_at.date())
        known = {"phone": "+49 30 1234567", "email": "desk@clinic.test", **clinic.stored(db).model_dump()}
        known = {name: value for name, value in known.items() if value}
    with transaction(engine) as db:
        form = checked(
            ClinicForm,
            **known | {"phone": "+49 30 1234567", "email": "desk@clinic.test"} | {"time_zone": "Pacific/Kiritimati"},
        )
        clinic_service.edit(db, None, form.value)
    run_jobs()
    with transaction(engine, write=False) as db:
        assert queries.appointment(db, bob, booked.id).on_hold_codes == ["expired"]


def test_a_session_never_becomes_a_consultation_nor_a_consultation_a_session(db, consultation, needling):
    for treatment, kind in ((needling, "consultation"), (consultation, "session")):
        with pytest.raises(Refused, match="another treatment"):
            catalogue.save(db, None, as_form(treatment, kind=kind, interval_days=28), treatment)


def test_a_course_is_not_booked_with_one_time_twice(db, alice, bob, needling, course):
    slot = a_slot(db, alice, needling, bob, in_days=5)
    with pytest.raises(Refused, match="same time"):
        whole_course.book_all(db, alice, alice.id, [Chosen(bob.id, slot.starts_at)] * 2)
    assert not queries.upcoming(db, alice, alice.id)
