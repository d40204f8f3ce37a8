"""The gate over time: what it shuts goes on hold, what it opens stands again by itself, and both sides are told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.bookings import gatekeeping, queries, service
from portal.bookings.models import TimeTaken
from portal.bookings.rules import FreedTime, State
from portal.clinic import queries as clinic
from portal.courses import service as courses
from portal.courses.forms import EndForm
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import Refused
from portal.kit.forms import checked
from portal.questionnaires import service as questionnaires
from portal.questionnaires.forms import AcceptForm
from portal.suitability import queries as suitability_facts
from portal.suitability import service as suitability
from portal.suitability.models import Hold, Verdict
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from portal.treatments.forms import TreatmentForm
from tests.bookings.shutting import (
    DAY,
    HOUR,
    consent_withdrawn,
    deferred,
    ends_too_soon,
    health_changed,
    not_suitable,
    pause,
    paused,
    side_effect,
    told,
)
from tests.make_bookings import a_consultation, a_slot, a_treatment_session, an_attended
from tests.make_questionnaires import health_answers
from tests.make_suitability import a_course, a_verdict


@pytest.fixture
def booked(db, alice, bob, suitable):
    """Alice's session in three days, which the gate allows."""
    return a_treatment_session(db, alice, bob)


def has_interval(db, needling, days):
    kept = needling.model_dump(include=set(TreatmentForm.model_fields))
    return catalogue.save(db, None, TreatmentForm(**{**kept, "interval_days": days}), needling)


FACTS = {
    "not suitable": (not_suitable, ["not_suitable"]),
    "deferred": (deferred, ["deferred"]),
    "a verdict that ends before": (ends_too_soon, ["expired"]),
    "consent withdrawn": (consent_withdrawn, ["consent"]),
    "a health answer changed": (health_changed, ["health_changed"]),
    "paused by a practitioner": (paused, ["hold"]),
    "a side effect": (side_effect, ["side_effect"]),
}


@pytest.mark.parametrize("change, codes", FACTS.values(), ids=FACTS.keys())
def test_a_fact_that_shuts_the_gate_puts_what_is_booked_on_hold(db, alice, bob, booked, change, codes):
    talk = a_consultation(db, alice, bob, in_days=5)
    change(db, bob, alice)
    assert booked.is_on_hold
    assert booked.on_hold_codes == codes
    assert booked.is_booked, "its time is kept"
    assert not talk.is_on_hold, "a consultation needs no verdict"
    assert gatekeeping.standing(db, booked).codes == tuple(codes)


def test_it_stands_again_by_itself_when_the_reason_is_gone(db, alice, bob, booked):
    hold = pause(db, bob, alice)
    changed = health_answers(db, alice, keloid="yes")
    assert booked.on_hold_codes == ["health_changed", "hold"]
    suitability.lift_hold(db, bob, hold.id)
    assert booked.is_on_hold
    assert booked.on_hold_codes == ["health_changed"]
    questionnaires.accept(db, bob, changed.id, checked(AcceptForm).value)
    assert (booked.is_on_hold, booked.on_hold_since, booked.on_hold_until) == (False, None, None)
    assert booked.on_hold_codes == []
    assert gatekeeping.standing(db, booked).is_open


def test_a_new_yes_and_a_new_consent_let_it_stand_again(db, alice, bob, booked):
    a_verdict(db, bob, alice, outcome="not_suitable")
    consent_withdrawn(db, bob, alice)
    assert booked.on_hold_codes == ["not_suitable", "consent"]
    a_verdict(db, bob, alice)
    assert not booked.is_on_hold


def test_both_sides_are_told_once_and_again_when_it_stands(db, alice, bob, erin, booked):
    pause(db, bob, alice)
    pause(db, bob, alice)
    gatekeeping.recheck(db, alice.id)
    for person in (alice, bob):
        (text,) = told(db, person, "on hold")
        assert "kept until" in text
        assert not told(db, person, "stands again")
    for one in suitability_facts.holds(db, bob, alice.id):
        suitability.lift_hold(db, bob, one.id)
    gatekeeping.recheck(db, alice.id)
    for person in (alice, bob):
        assert len(told(db, person, "stands again")) == 1
        assert len(told(db, person, "on hold")) == 1
    assert not told(db, erin, "hold")


def test_what_is_told_names_no_reason(db, alice, bob, booked):
    a_verdict(db, bob, alice, outcome="not_suitable", reasons="Active psoriasis.")
    health_answers(db, alice, keloid="yes")
    for person in (alice, bob):
        (text,) = told(db, person, "on hold")
        assert not any(word in text.lower() for word in ("psoriasis", "keloid", "suitable", "health", "needling"))


def test_its_time_is_kept_for_the_hours_the_clinic_says_but_not_beyond_its_beginning(db, alice, bob, suitable):
    clinic.stored_policy(db).on_hold_keep_hours = 100
    near, far = (a_treatment_session(db, alice, bob, in_days=days) for days in (3, 33))
    pause(db, bob, alice)
    assert near.on_hold_until == near.starts_at
    assert far.on_hold_until - far.on_hold_since == 100 * HOUR
    for one in (near, far):
        assert db.exec(select(TimeTaken).where(TimeTaken.owner_id == one.id)).all(), "nobody else gets it"


def test_a_course_that_ends_shortens_the_rest_and_a_longer_one_shuts_the_later_session(db, alice, bob, suitable):
    first, second = (a_treatment_session(db, alice, bob, in_days=days) for days in (3, 33))
    a_course(db, bob, alice, interval_days=42)
    assert (first.is_on_hold, second.is_on_hold) == (False, True)
    assert second.on_hold_codes == ["too_soon"]
    courses.end(db, bob, alice.id, checked(EndForm, reason="Too far apart.").value)
    assert not second.is_on_hold


def test_a_new_verdict_with_fewer_zones_or_less_depth_shuts_what_the_course_plans(db, alice, bob, needling):
    a_verdict(db, bob, alice)
    a_course(db, bob, alice, zones=["frontal", "vertex"], depth_mm=1.5)
    booked = a_treatment_session(db, alice, bob)
    a_verdict(db, bob, alice, zones=["vertex"])
    assert booked.on_hold_codes == ["out_of_scope"]
    a_verdict(db, bob, alice, max_depth_mm=1.0)
    assert booked.on_hold_codes == ["out_of_scope"]
    a_verdict(db, bob, alice)
    assert not booked.is_on_hold


def test_of_too_many_sessions_the_last_ones_go_on_hold(db, alice, bob, suitable):
    made = [a_treatment_session(db, alice, bob, in_days=days) for days in (2, 30, 58)]
    a_verdict(db, bob, alice, sessions=2)
    assert [one.is_on_hold for one in made] == [False, False, True]
    service.cancel(db, alice, made[0], "On holiday")
    assert [one.is_on_hold for one in made] == [False, False, False]


def test_an_interval_that_an_admin_raises_is_asked_about_in_a_job(engine, alice, bob, charlie, suitable, run_jobs):
    with transaction(engine) as db:
        first, second = (a_treatment_session(db, alice, bob, in_days=days).id for days in (3, 33))
    with transaction(engine) as db:
        has_interval(db, treatments.needling(db), 40)
        assert not queries.appointment(db, bob, second).is_on_hold, "not in the admin's own transaction"
    run_jobs()
    with transaction(engine) as db:
        assert not queries.appointment(db, bob, first).is_on_hold
        assert queries.appointment(db, bob, second).on_hold_codes == ["too_soon"]
        has_interval(db, treatments.needling(db), 28)
    run_jobs()
    with transaction(engine, write=False) as db:
        assert not queries.appointment(db, bob, second).is_on_hold


def test_each_night_finds_what_time_alone_has_shut_and_asks_once_a_day(engine, alice, bob, suitable, run_jobs, later):
    with transaction(engine) as db:
        booked = a_treatment_session(db, alice, bob, in_days=30).id
        db.connection().execute(sa.update(Verdict).values(valid_until=clock.now().date() + 20 * DAY))
    for _ in range(2):
        with transaction(engine) as db:
            gatekeeping.nightly(db)
    assert run_jobs() >= 1
    with transaction(engine) as db:
        assert queries.appointment(db, bob, booked).on_hold_codes == ["expired"]
        gatekeeping.nightly(db)
    assert not run_jobs(), "the same day asks once"
    with later(DAY):
        with transaction(engine) as db:
            gatekeeping.nightly(db)
        assert run_jobs() == 1


def test_what_is_over_or_another_clients_is_left_alone(db, alice, bob, charlie, suitable, needling, later):
    done = an_attended(db, bob, a_treatment_session(db, alice, bob, in_days=1))
    a_verdict(db, bob, charlie)
    other = a_treatment_session(db, charlie, bob, in_days=5)
    with later(2 * DAY):
        pause(db, bob, alice)
        assert (done.state, done.is_on_hold, other.is_on_hold) == (State.ATTENDED, False, False)


# ---- what happens to what is on hold ----


def test_what_is_on_hold_too_long_is_given_up_told_and_freed(db, alice, bob, suitable, later, monkeypatch):
    freed = []
    monkeypatch.setattr(service.FREED, "_listeners", [lambda _, time: freed.append(time)])
    far = a_treatment_session(db, alice, bob, in_days=33)
    pause(db, bob, alice)
    with later(far.on_hold_until - clock.now() - timedelta(minutes=1)):
        service.let_go(db)
        assert far.is_booked
    with later(far.on_hold_until - clock.now() + timedelta(minutes=1)):
        service.let_go(db)
        assert (far.state, far.cancelled_by_id, far.fee_cents) == (State.CANCELLED, None, 0)
        assert "on hold" in far.cancelled_reason
        assert not far.is_late_cancel
        assert not db.exec(select(TimeTaken).where(TimeTaken.owner_id == far.id)).all()
        assert FreedTime(bob.id, far.starts_at, far.ends_at) in freed
        for person in (alice, bob):
            assert told(db, person, "is cancelled")
        before = len(told(db, alice, "is cancelled"))
        service.let_go(db)
        assert len(told(db, alice, "is cancelled")) == before


def test_what_may_take_place_after_all_is_not_given_up(db, alice, bob, suitable, later):
    far = a_treatment_session(db, alice, bob, in_days=33)
    pause(db, bob, alice)
    db.connection().execute(sa.update(Hold).values(lifted_at=Hold.placed_at))
    db.expire_all()
    with later(4 * DAY):
        service.let_go(db)
        assert (far.state, far.is_on_hold) == (State.BOOKED, False)


def test_what_is_on_hold_cannot_be_attended(db, alice, bob, booked, later):
    pause(db, bob, alice)
    with later(booked.starts_at - clock.now() + timedelta(minutes=5)):
        with pytest.raises(Refused, match="on hold") as refusal:
            service.attend(db, bob, booked)
        assert refusal.value.way_out[1] == f"/appointments/{booked.id}"
    assert booked.state is State.BOOKED


def test_what_is_on_hold_can_still_be_cancelled_and_moved_only_through_the_gate(db, alice, bob, booked, needling):
    pause(db, bob, alice)
    slot = a_slot(db, bob, needling, bob, in_days=8)
    for actor in (alice, bob):
        with pytest.raises(Refused, match="paused"):
            service.move(db, actor, booked, slot.starts_at, bob.id, "A meeting")
    service.cancel(db, alice, booked, "On holiday")
    assert booked.state is State.CANCELLED
    assert not booked.is_on_hold


def test_moving_it_to_where_the_gate_is_open_ends_the_hold(db, alice, bob, suitable):
    first = a_treatment_session(db, alice, bob, in_days=3)
    second = a_treatment_session(db, alice, bob, in_days=33)
    a_course(db, bob, alice, interval_days=42)
    assert second.is_on_hold
    slot = a_slot(db, bob, treatments.needling(db), bob, in_days=46)
    service.move(db, alice, second, slot.starts_at, bob.id, "As the plan says")
    assert not second.is_on_hold
    assert not first.is_on_hold
