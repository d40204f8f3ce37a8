"""The gate over time: what it shuts goes on hold, what it opens stands again, and nothing passes it silently."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.accounts.models import Person
from portal.audit.models import AuditEntry
from portal.bookings import gatekeeping, queries, service
from portal.bookings.models import GateOverride, TimeTaken
from portal.bookings.rules import FreedTime, Override, OverrideKind, State
from portal.clinic import queries as clinic
from portal.consents import queries as signatures
from portal.consents import service as consents
from portal.courses import service as courses
from portal.courses.forms import EndForm
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.kit.forms import checked
from portal.notifications.models import Notice
from portal.questionnaires import service as questionnaires
from portal.questionnaires.forms import AcceptForm
from portal.suitability import queries as suitability_facts
from portal.suitability import service as suitability
from portal.suitability.models import Hold, Verdict
from portal.suitability.rules import HoldKind
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from portal.treatments.forms import TreatmentForm
from tests.make_bookings import a_consultation, a_slot, a_treatment_session, an_attended
from tests.make_questionnaires import health_answers
from tests.make_suitability import a_course, a_verdict

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CLINICAL = Override(OverrideKind.CLINICAL, "Seen yesterday, the skin is calm.")
PRACTICAL = Override(OverrideKind.PRACTICAL, "She flies tomorrow.")


@pytest.fixture
def booked(db, alice, bob, suitable):
    """Alice's session in three days, which the gate allows."""
    return a_treatment_session(db, alice, bob)


def pause(db, bob, alice, kind=HoldKind.PRACTITIONER):
    return suitability.place_hold(db, bob, alice.id, kind, "Let us look first.")


def told(db, person, word):
    about = select(Notice).where(Notice.person_id == person.id, Notice.href.startswith("/appointments/"))
    return [row.text for row in db.exec(about) if word in row.text]


def has_interval(db, needling, days):
    kept = needling.model_dump(include=set(TreatmentForm.model_fields))
    return catalogue.save(db, None, TreatmentForm(**{**kept, "interval_days": days}), needling)


# ---- on hold, and standing again ----


def _not_suitable(db, bob, alice):
    a_verdict(db, bob, alice, outcome="not_suitable")


def _deferred(db, bob, alice):
    a_verdict(db, bob, alice, outcome="deferred")


def _ends_too_soon(db, bob, alice):
    a_verdict(db, bob, alice, valid_until=clock.now().date() + DAY)


def _consent_withdrawn(db, bob, alice):
    consents.withdraw(db, alice, signatures.signatures(db, alice, alice.id)[0].id)


def _health_changed(db, bob, alice):
    health_answers(db, alice, keloid="yes")


def _paused(db, bob, alice):
    pause(db, bob, alice)


def _side_effect(db, bob, alice):
    pause(db, None, alice, HoldKind.SIDE_EFFECT)


FACTS = {
    "not suitable": (_not_suitable, ["not_suitable"]),
    "deferred": (_deferred, ["deferred"]),
    "a verdict that ends before": (_ends_too_soon, ["expired"]),
    "consent withdrawn": (_consent_withdrawn, ["consent"]),
    "a health answer changed": (_health_changed, ["health_changed"]),
    "paused by a practitioner": (_paused, ["hold"]),
    "a side effect": (_side_effect, ["side_effect"]),
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
    _consent_withdrawn(db, bob, alice)
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
    made = [a_treatment_session(db, alice, bob, in_days=days) for days in (1, 29, 57)]
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


# ---- in spite of the gate ----


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


@pytest.mark.parametrize("change", [_not_suitable, _consent_withdrawn])
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


@pytest.mark.parametrize("change", [_deferred, _ends_too_soon, _health_changed, _side_effect])
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


# ---- the pages ----


@pytest.fixture
def on_hold(engine, alice, bob, suitable):
    with transaction(engine) as db:
        booked = a_treatment_session(db, alice, bob)
        pause(db, bob, alice)
        return booked


def test_both_sides_read_why_it_is_on_hold_and_what_they_can_do(alice_browser, bob_browser, on_hold):
    path = f"/appointments/{on_hold.id}"
    own, teams = alice_browser.get(path).text, bob_browser.get(path).text
    for page in (own, teams):
        assert "This appointment is on hold" in page
        assert "Your practitioner has paused new sessions for now." in page
        assert "Its time is kept until" in page
    assert "Please call us if you have a question." in own
    assert "Decide in spite of it" not in own
    assert "End the pause on the client’s verdict page" in teams
    assert "Decide in spite of it" in teams
    assert "On hold" in alice_browser.get("/appointments").text


def test_a_decision_needs_its_kind_and_its_reason(bob_browser, engine, on_hold):
    path = f"/appointments/{on_hold.id}/override"
    for data in ({}, {"override_kind": "clinical"}, {"override_reason": "Calm."}, {"override_kind": "luck"}):
        assert bob_browser.post(path, data=data).status_code == 422
    with transaction(engine, write=False) as db:
        assert not db.exec(select(GateOverride)).all()


def test_a_decision_is_visible_for_ever_to_both_and_its_words_only_to_the_team(
    alice_browser, bob_browser, signed_in, erin, engine, on_hold, bob
):
    path = f"/appointments/{on_hold.id}"
    fields = {"override_kind": "practical", "override_reason": "She flies tomorrow."}
    assert bob_browser.post(f"{path}/override", data=fields).status_code == 303
    assert "has not countersigned it yet" in alice_browser.get(path).text
    assert "/countersign" not in bob_browser.get(path).text
    erin_browser = signed_in(erin)
    with transaction(engine, write=False) as db:
        row = db.exec(select(GateOverride)).one()
    assert f"/overrides/{row.id}/countersign" in erin_browser.get(path).text
    assert bob_browser.post(f"/overrides/{row.id}/countersign").status_code == 409
    assert erin_browser.post(f"/overrides/{row.id}/countersign").status_code == 303
    assert "This appointment is on hold" not in alice_browser.get(path).text
    assert alice_browser.post(f"{path}/cancel", data={"reason": "Ill"}).status_code == 303
    for browser, reads_words in ((alice_browser, False), (bob_browser, True), (erin_browser, True)):
        page = browser.get(path).text
        assert "Decided in spite of the gate" in page
        assert "Bob Birch decided on" in page
        assert "Erin Elm agreed on" in page
        assert ("She flies tomorrow." in page) is reads_words


def test_a_practitioner_books_past_the_gate_on_the_page_with_a_reason(bob_browser, engine, alice, bob, suitable):
    with transaction(engine) as db:
        a_treatment_session(db, alice, bob, in_days=3)
        slot = a_slot(db, bob, treatments.needling(db), bob, in_days=20)
    path = f"/clients/{alice.id}/appointments/new"
    start = slot.starts_at.date()
    shut = bob_browser.get(f"{path}?treatment=scalp-micro-needling&from={start}&who={bob.id}").text
    assert slot.value not in shut.replace("&#43;", "+")
    spite = bob_browser.get(f"{path}?treatment=scalp-micro-needling&from={start}&who={bob.id}&in_spite=yes").text
    assert slot.value in spite.replace("&#43;", "+")
    assert "The gate is shut on these days" in spite
    data = {"treatment": "scalp-micro-needling", "slot": slot.value, "in_spite": "yes"}
    assert bob_browser.post(path, data=data).status_code == 409
    silent = bob_browser.post(path, data={**data, "override_kind": "clinical"})
    assert silent.status_code == 422
    assert 'id="e-override_reason"' in silent.text
    done = bob_browser.post(path, data={**data, "override_kind": "clinical", "override_reason": "Calm skin."})
    assert done.status_code == 303
    assert "Decided in spite of the gate" in bob_browser.get(done.headers["location"]).text


def test_a_client_cannot_look_past_the_gate(alice_browser, engine, alice, bob, suitable):
    with transaction(engine) as db:
        pause(db, bob, alice)
        slot = a_slot(db, bob, treatments.needling(db), bob)
    page = alice_browser.get("/appointments/new?treatment=scalp-micro-needling&in_spite=yes").text
    assert 'name="slot"' not in page
    assert "Decide in spite of it" not in page
    data = {"treatment": "scalp-micro-needling", "slot": slot.value}
    data |= {"override_kind": "clinical", "override_reason": "x"}
    for path in ("/appointments", "/appointments/hold"):
        assert alice_browser.post(path, data=data).status_code == 409
    with transaction(engine, write=False) as db:
        assert not queries.appointments(db, alice, alice.id)
