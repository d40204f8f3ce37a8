"""In spite of the gate: with a reason, by one or by two, about one time, and never where somebody said no."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.accounts.models import Person
from portal.audit.models import AuditEntry
from portal.bookings import gatekeeping, queries, service
from portal.bookings.models import GateOverride
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from portal.treatments import queries as treatments
from tests.bookings.shutting import (
    CLINICAL,
    PRACTICAL,
    consent_withdrawn,
    deferred,
    ends_too_soon,
    health_changed,
    not_suitable,
    pause,
    side_effect,
    told,
)
from tests.make_bookings import a_slot, a_treatment_session
from tests.make_questionnaires import health_answers


@pytest.fixture
def booked(db, alice, bob, suitable):
    """Alice's session in three days, which the gate allows."""
    return a_treatment_session(db, alice, bob)


def test_one_practitioner_alone_may_shorten_the_rest(db, alice, bob, suitable, needling):
    a_treatment_session(db, alice, bob, in_days=3)
    slot = a_slot(db, bob, needling, bob, in_days=20)
    with pytest.raises(Refused, match="rests for 28 days"):
        service.book(db, bob, alice.id, needling, bob.id, slot.starts_at)
    booked = service.book(db, bob, alice.id, needling, bob.id, slot.starts_at, override=CLINICAL)
    (row,) = queries.overrides_of(db, bob, booked.id)
    assert (row.codes, row.by_id, row.reason, row.kind) == (["too_soon"], bob.id, CLINICAL.reason, CLINICAL.kind)
    assert (row.needs_countersign, row.is_effective, row.for_starts_at) == (False, True, slot.starts_at)
    assert not booked.is_on_hold
    assert db.exec(select(AuditEntry).where(AuditEntry.action == "bookings.gate_overridden")).one().actor_id == bob.id


@pytest.mark.parametrize("who", ["alice", "dana"])
def test_only_a_practitioner_decides_in_spite_of_the_gate(db, cast, alice, bob, booked, who):
    pause(db, bob, alice)
    with pytest.raises(NotAllowed):
        gatekeeping.override_standing(db, getattr(cast, who), booked, CLINICAL)
    assert booked.is_on_hold
    assert not db.exec(select(GateOverride)).all()


def test_a_client_gains_nothing_by_naming_an_override(db, alice, bob, suitable, needling):
    a_treatment_session(db, alice, bob, in_days=3)
    slot = a_slot(db, alice, needling, bob, in_days=20)
    with pytest.raises(NotAllowed):
        service.book(db, alice, alice.id, needling, bob.id, slot.starts_at, override=CLINICAL)


@pytest.mark.parametrize("change", [not_suitable, consent_withdrawn])
def test_what_a_verdict_or_the_client_says_no_to_can_never_be_overridden(db, alice, bob, booked, needling, change):
    pause(db, bob, alice)
    change(db, bob, alice)
    with pytest.raises(Refused, match="cannot be overridden"):
        gatekeeping.override_standing(db, bob, booked, CLINICAL)
    slot = a_slot(db, bob, needling, bob, in_days=40)
    with pytest.raises(Refused, match="cannot be overridden"):
        service.book(db, bob, alice.id, needling, bob.id, slot.starts_at, override=CLINICAL)
    assert not db.exec(select(GateOverride)).all()


def test_without_any_verdict_nothing_is_overridden(db, alice, bob, needling):
    slot = a_slot(db, bob, needling, bob)
    with pytest.raises(Refused, match="cannot be overridden"):
        service.book(db, bob, alice.id, needling, bob.id, slot.starts_at, override=CLINICAL)


@pytest.mark.parametrize("change", [deferred, ends_too_soon, health_changed, side_effect])
def test_where_safety_or_scope_is_at_stake_a_second_practitioner_countersigns(db, alice, bob, erin, booked, change):
    change(db, bob, alice)
    row = gatekeeping.override_standing(db, bob, booked, CLINICAL)
    assert row.needs_countersign
    assert booked.is_on_hold, "until it is countersigned"
    assert "waits for a second practitioner" in told(db, erin, "second practitioner")[0]
    assert not told(db, bob, "second practitioner")
    assert queries.to_countersign(db, erin) == [row]
    assert not queries.to_countersign(db, bob)
    with pytest.raises(Refused, match="your own decision"):
        gatekeeping.countersign(db, bob, row.id)
    gatekeeping.countersign(db, erin, row.id)
    assert (row.countersigned_by_id, booked.is_on_hold) == (erin.id, False)
    assert not queries.to_countersign(db, erin)
    with pytest.raises(Refused, match="countersigned already"):
        gatekeeping.countersign(db, erin, row.id)


def test_a_practical_reason_always_takes_two(db, alice, bob, erin, booked):
    pause(db, bob, alice)
    row = gatekeeping.override_standing(db, bob, booked, PRACTICAL)
    assert row.needs_countersign
    assert booked.is_on_hold
    gatekeeping.countersign(db, erin, row.id)
    assert not booked.is_on_hold


def test_booking_past_the_gate_with_two_is_on_hold_until_then(db, alice, bob, erin, suitable, needling):
    pause(db, None, alice, HoldKind.SIDE_EFFECT)
    slot = a_slot(db, bob, needling, bob)
    booked = service.book(db, bob, alice.id, needling, bob.id, slot.starts_at, override=CLINICAL)
    assert booked.is_on_hold
    (row,) = queries.overrides_of(db, erin, booked.id)
    gatekeeping.countersign(db, erin, row.id)
    assert not booked.is_on_hold


@pytest.mark.parametrize("who", ["alice", "dana"])
def test_only_a_practitioner_countersigns(db, cast, alice, bob, booked, who):
    pause(db, bob, alice)
    row = gatekeeping.override_standing(db, bob, booked, PRACTICAL)
    with pytest.raises(NotFound):
        gatekeeping.countersign(db, getattr(cast, who), row.id)
    assert row.countersigned_at is None


def test_what_is_not_on_hold_has_nothing_to_override(db, alice, bob, booked):
    with pytest.raises(Refused, match="not on hold"):
        gatekeeping.override_standing(db, bob, booked, CLINICAL)


def test_an_override_covers_the_reasons_it_names_and_no_others(db, alice, bob, booked):
    pause(db, bob, alice)
    gatekeeping.override_standing(db, bob, booked, CLINICAL)
    assert not booked.is_on_hold
    health_answers(db, alice, keloid="yes")
    assert booked.on_hold_codes == ["health_changed"]


def test_an_override_is_about_one_time_and_void_after_a_move(db, alice, bob, suitable, needling):
    a_treatment_session(db, alice, bob, in_days=3)
    first, second = (a_slot(db, bob, needling, bob, in_days=days) for days in (20, 22))
    booked = service.book(db, bob, alice.id, needling, bob.id, first.starts_at, override=CLINICAL)
    with pytest.raises(Refused, match="rests for 28 days"):
        service.move(db, bob, booked, second.starts_at, bob.id, "A meeting")
    service.move(db, bob, booked, second.starts_at, bob.id, "A meeting", override=CLINICAL)
    assert [row.for_starts_at for row in queries.overrides_of(db, bob, booked.id)] == [
        second.starts_at,
        first.starts_at,
    ]
    assert not booked.is_on_hold


def test_a_moved_or_cancelled_appointment_is_not_countersigned(db, alice, bob, erin, suitable):
    one, other = (a_treatment_session(db, alice, bob, in_days=days) for days in (3, 33))
    hold = pause(db, bob, alice)
    rows = [gatekeeping.override_standing(db, bob, each, PRACTICAL) for each in (one, other)]
    suitability.lift_hold(db, bob, hold.id)
    slot = a_slot(db, bob, treatments.needling(db), bob, in_days=35)
    service.move(db, bob, other, slot.starts_at, bob.id, "A meeting")
    service.cancel(db, bob, one, "Ill")
    assert not queries.to_countersign(db, erin)
    for row in rows:
        with pytest.raises(Refused, match="moved or cancelled"):
            gatekeeping.countersign(db, erin, row.id)


def test_an_override_lets_no_other_session_pass(db, alice, bob, suitable):
    one, other = (a_treatment_session(db, alice, bob, in_days=days) for days in (3, 33))
    pause(db, bob, alice)
    gatekeeping.override_standing(db, bob, one, CLINICAL)
    assert (one.is_on_hold, other.is_on_hold) == (False, True)


def test_two_who_countersign_at_once_are_one_and_a_refusal(engine, alice, bob, erin, suitable):
    with transaction(engine) as db:
        third = a_third_practitioner(db)
        booked = a_treatment_session(db, alice, bob)
        pause(db, bob, alice)
        row = gatekeeping.override_standing(db, bob, booked, PRACTICAL)
    ready = Barrier(2)

    def sign(who):
        ready.wait()
        try:
            with transaction(engine) as db:
                gatekeeping.countersign(db, who, row.id)
                return who.id
        except Refused as refusal:
            return refusal.sentence

    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(sign, (erin, third)))
    with transaction(engine, write=False) as db:
        kept = db.get_one(GateOverride, row.id)
        assert kept.countersigned_by_id in {erin.id, third.id}
        assert kept.countersigned_by_id in said
        assert sum("countersigned already" in str(one) for one in said) == 1
        assert not queries.appointment(db, bob, booked.id).is_on_hold


def a_third_practitioner(db):
    person = Person(name="Finn Fir", email="finn@example.test", is_practitioner=True)
    db.add(person)
    db.flush()
    return person.as_viewer()


@pytest.mark.parametrize(
    "change, name", [({"reason": ""}, "reason_given"), ({"countersigned_at": clock.now()}, "countersigned_when")]
)
def test_the_database_keeps_an_override_whole(db, alice, bob, booked, change, name):
    pause(db, bob, alice)
    gatekeeping.override_standing(db, bob, booked, PRACTICAL)
    with pytest.raises(sa.exc.IntegrityError, match=name):
        db.connection().execute(sa.update(GateOverride).values(change))


def test_the_database_lets_nobody_countersign_their_own(db, alice, bob, booked):
    pause(db, bob, alice)
    gatekeeping.override_standing(db, bob, booked, PRACTICAL)
    change = {"countersigned_by_id": GateOverride.by_id, "countersigned_at": GateOverride.at}
    with pytest.raises(sa.exc.IntegrityError, match="two_people"):
        db.connection().execute(sa.update(GateOverride).values(change))


def test_a_decision_does_not_cover_what_became_known_after_it(db, alice, bob, erin, booked):
    first = pause(db, bob, alice, HoldKind.SIDE_EFFECT)
    row = gatekeeping.override_standing(db, bob, booked, CLINICAL)
    gatekeeping.countersign(db, erin, row.id)
    assert not booked.is_on_hold
    second = pause(db, bob, alice, HoldKind.SIDE_EFFECT)
    assert booked.is_on_hold, "nobody decided about the second one"
    suitability.lift_hold(db, bob, second.id)
    assert not booked.is_on_hold, "what was decided about is still let pass"
    suitability.lift_hold(db, bob, first.id)


def test_answers_sent_after_a_decision_are_asked_about(db, alice, bob, erin, booked):
    health_answers(db, alice, keloid="yes")
    gatekeeping.countersign(db, erin, gatekeeping.override_standing(db, bob, booked, CLINICAL).id)
    assert not booked.is_on_hold
    health_answers(db, alice, keloid="yes", therapy="yes")
    assert booked.is_on_hold


def test_a_time_that_is_left_and_taken_again_is_decided_about_anew(db, alice, bob, booked, needling):
    hold = pause(db, bob, alice)
    gatekeeping.override_standing(db, bob, booked, CLINICAL)
    suitability.lift_hold(db, bob, hold.id)
    old = booked.starts_at
    service.move(db, bob, booked, a_slot(db, bob, needling, bob, in_days=6).starts_at, bob.id, "A journey")
    service.move(db, bob, booked, old, bob.id, "No journey")
    pause(db, bob, alice)
    assert booked.is_on_hold
