"""Booking, moving, cancelling: the gate and the diary decide, whoever asks."""

from datetime import timedelta

import pytest
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.bookings import queries, service
from portal.bookings.models import AppointmentMove
from portal.bookings.rules import State
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import NotFound, Refused
from portal.notifications.models import Notice
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.make_bookings import a_consultation, a_slot, a_treatment_session, an_attended


def notices_of(db, person):
    return [row.text for row in db.exec(select(Notice).where(Notice.person_id == person.id).order_by(Notice.made_at))]


def test_anyone_with_an_account_books_a_consultation(db, alice, bob, consultation):
    booked = a_consultation(db, alice, bob)
    assert (booked.state, booked.client_id, booked.practitioner_id) == (State.BOOKED, alice.id, bob.id)
    assert booked.ends_at - booked.starts_at == timedelta(minutes=30)
    assert booked.blocked_until - booked.ends_at == timedelta(minutes=10)
    assert booked.session_number is None


def test_the_practitioner_is_told_and_the_client_who_did_it_is_not(db, alice, bob, erin, consultation):
    a_consultation(db, alice, bob)
    assert notices_of(db, bob)[0].startswith("Alice Ash is booked: ")
    assert not notices_of(db, alice)
    assert not notices_of(db, erin)


def test_the_client_is_told_what_the_team_booked(db, alice, bob, consultation):
    a_consultation(db, alice, bob, actor=bob)
    assert notices_of(db, alice)[0].startswith("Your appointment: ")
    assert not notices_of(db, bob)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_without_a_verdict_nobody_books_a_session(db, cast, alice, bob, needling, who):
    with pytest.raises(Refused, match="has not yet decided"):
        a_treatment_session(db, alice, bob, actor=getattr(cast, who))
    assert not queries.appointments(db, alice, alice.id)


def test_under_a_verdict_sessions_are_numbered_by_time(db, alice, bob, suitable):
    later = a_treatment_session(db, alice, bob, in_days=33)
    earlier = a_treatment_session(db, alice, bob, in_days=4)
    assert (earlier.session_number, later.session_number) == (1, 2)
    service.cancel(db, alice, earlier, "On holiday")
    assert (earlier.session_number, later.session_number) == (None, 1)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_the_scalp_rests_before_and_after_a_booked_session(db, cast, alice, bob, suitable, who):
    a_treatment_session(db, alice, bob, in_days=35)
    with pytest.raises(Refused, match="the one before is on"):
        a_treatment_session(db, alice, bob, in_days=45, actor=getattr(cast, who))
    with pytest.raises(Refused, match="the next one is booked for"):
        a_treatment_session(db, alice, bob, in_days=20, actor=getattr(cast, who))


def test_an_attended_session_gives_the_interval(db, alice, bob, suitable):
    done = an_attended(db, bob, a_treatment_session(db, alice, bob))
    with pytest.raises(Refused, match="the one before is on"):
        a_treatment_session(db, alice, bob, in_days=20)
    assert queries.past_sessions(db, alice.id) == (done.starts_at, 1)
    assert a_treatment_session(db, alice, bob, in_days=31).session_number == 2


def test_moving_a_session_asks_the_gate_again(db, alice, bob, suitable, needling):
    booked = a_treatment_session(db, alice, bob)
    at = booked.starts_at
    suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Let us look first.")
    for actor in (alice, bob):
        slot = a_slot(db, actor, needling, bob, in_days=8)
        with pytest.raises(Refused, match="paused"):
            service.move(db, actor, booked, slot.starts_at, bob.id, "A meeting")
    assert (booked.starts_at, booked.moves) == (at, 0)
    assert not db.exec(select(AppointmentMove)).all()


def test_a_hold_shuts_the_gate_for_staff_too(db, alice, bob, suitable):
    suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Let us look first.")
    with pytest.raises(Refused, match="paused"):
        a_treatment_session(db, alice, bob, actor=bob)


def test_a_taken_time_is_refused_with_its_buffers(db, alice, bob, charlie, consultation):
    first = a_consultation(db, alice, bob)
    for minutes in (-15, 0, 15, 30):
        with pytest.raises(Refused, match="no longer free"):
            service.book(db, charlie, charlie.id, consultation, bob.id, first.starts_at + timedelta(minutes=minutes))
    after = first.starts_at + timedelta(minutes=45)
    assert service.book(db, charlie, charlie.id, consultation, bob.id, after).is_booked


def test_a_client_cannot_be_in_two_places(db, alice, bob, erin, suitable, consultation):
    booked = a_treatment_session(db, alice, bob)
    with pytest.raises(Refused, match="no longer free"):
        service.book(db, alice, alice.id, consultation, erin.id, booked.starts_at + timedelta(minutes=15))


def test_asking_twice_for_the_same_time_gives_the_same_appointment(db, alice, bob, consultation):
    first = a_consultation(db, alice, bob)
    again = service.book(db, alice, alice.id, consultation, bob.id, first.starts_at)
    assert again.id == first.id
    assert len(queries.appointments(db, alice, alice.id)) == 1


def test_one_open_consultation_at_a_time(db, alice, bob, consultation):
    a_consultation(db, alice, bob)
    with pytest.raises(Refused, match="booked already"):
        a_consultation(db, alice, bob, in_days=5)


def test_a_client_has_at_most_three_open_appointments_and_the_team_may_add_one(db, alice, bob, suitable):
    for days in (1, 29, 57):
        a_treatment_session(db, alice, bob, in_days=days, hour=15)
    with pytest.raises(Refused, match=r"3 open appointments.*call us"):
        a_consultation(db, alice, bob)
    assert a_consultation(db, alice, bob, actor=bob).is_booked


def test_a_time_off_the_grid_a_stranger_or_the_past_is_refused(db, alice, bob, dana, consultation):
    slot = a_slot(db, alice, consultation, bob)
    tampered = [
        (bob.id, slot.starts_at + timedelta(minutes=7), "no longer free"),
        (dana.id, slot.starts_at, "no longer free"),
        (alice.id, slot.starts_at, "no longer free"),
        (bob.id, slot.starts_at + timedelta(days=100), "no longer free"),
        (bob.id, clock.now() - timedelta(days=7), "has passed"),
        (bob.id, clock.now() + timedelta(hours=2), "less than 12 hours"),
    ]
    for practitioner_id, starts_at, sentence in tampered:
        with pytest.raises(Refused, match=sentence):
            service.book(db, alice, alice.id, consultation, practitioner_id, starts_at)


def test_nobody_books_for_another_client(db, alice, bob, charlie, dana, consultation):
    for actor in (charlie, dana):
        with pytest.raises(NotFound):
            a_consultation(db, alice, bob, actor=actor)


def test_a_move_keeps_its_reason_and_tells_both_practitioners(db, alice, bob, erin, consultation):
    booked = a_consultation(db, alice, bob)
    old, slot = booked.starts_at, a_slot(db, alice, consultation, erin, in_days=6)
    service.move(db, alice, booked, slot.starts_at, erin.id, "A meeting")
    kept = db.exec(select(AppointmentMove)).one()
    assert (kept.reason, kept.from_starts_at, kept.from_practitioner_id) == ("A meeting", old, bob.id)
    assert (booked.starts_at, booked.practitioner_id, booked.moves, booked.revision) == (slot.starts_at, erin.id, 1, 1)
    assert "is moved to" in notices_of(db, bob)[-1]
    assert "is moved to" in notices_of(db, erin)[-1]
    assert not notices_of(db, alice)


def test_an_appointment_may_move_into_its_own_time(db, alice, bob, suitable):
    booked = a_treatment_session(db, alice, bob)
    wanted = booked.starts_at + timedelta(minutes=15)
    service.move(db, alice, booked, wanted, bob.id, "A later train")
    assert booked.starts_at == wanted


def test_a_client_moves_three_times_and_the_team_as_often_as_needed(db, alice, bob, consultation):
    booked = a_consultation(db, alice, bob)
    for days in (4, 5, 6):
        slot = a_slot(db, alice, consultation, bob, in_days=days)
        service.move(db, alice, booked, slot.starts_at, bob.id, "A meeting")
    slot = a_slot(db, alice, consultation, bob, in_days=7)
    with pytest.raises(Refused, match=r"3 times.*call us"):
        service.move(db, alice, booked, slot.starts_at, bob.id, "A meeting")
    service.move(db, bob, booked, slot.starts_at, bob.id, "Asked by phone")
    assert (booked.moves, booked.revision) == (3, 4)


def test_within_a_day_a_client_asks_and_the_team_can_still_change_it(db, alice, bob, consultation, later):
    booked = a_consultation(db, alice, bob)
    with later(booked.starts_at - clock.now() - timedelta(hours=23)):
        with pytest.raises(Refused, match="less than 24 hours") as refusal:
            service.cancel(db, alice, booked, "Ill")
        assert refusal.value.way_out == ("To the appointment", f"/appointments/{booked.id}")
        assert "Ask us for the change on its page" in refusal.value.sentence
        service.cancel(db, bob, booked, "Ill")
    assert (booked.state, booked.cancelled_reason, booked.cancelled_by_id) == (State.CANCELLED, "Ill", bob.id)
    assert notices_of(db, alice)[-1].endswith("is cancelled.")


def test_a_cancelled_time_is_free_again(db, alice, bob, charlie, consultation):
    booked = a_consultation(db, alice, bob)
    service.cancel(db, alice, booked, "On holiday")
    assert service.book(db, charlie, charlie.id, consultation, bob.id, booked.starts_at).is_booked


def test_what_is_over_is_not_changed(db, alice, bob, consultation, later):
    booked = a_consultation(db, alice, bob)
    with later(booked.starts_at - clock.now() + timedelta(minutes=5)):
        with pytest.raises(Refused, match="has begun"):
            service.cancel(db, bob, booked, "Ill")
        service.no_show(db, bob, booked)
        assert booked.state is State.NO_SHOW
        service.attend(db, bob, booked)
        assert booked.state is State.ATTENDED
        service.attend(db, bob, booked)
        with pytest.raises(Refused):
            service.no_show(db, bob, booked)


def test_nobody_has_come_before_it_begins(db, alice, bob, consultation):
    booked = a_consultation(db, alice, bob)
    with pytest.raises(Refused, match="not begun"):
        service.attend(db, bob, booked)
    with pytest.raises(Refused, match="time has come"):
        service.no_show(db, bob, booked)


def test_every_change_is_in_the_audit(db, alice, bob, consultation):
    booked = a_consultation(db, alice, bob)
    slot = a_slot(db, alice, consultation, bob, in_days=6)
    service.move(db, alice, booked, slot.starts_at, bob.id, "A meeting")
    service.cancel(db, alice, booked, "On holiday")
    about = select(AuditEntry).where(AuditEntry.subject_id == booked.id).order_by(AuditEntry.at)
    entries = [(row.action, row.actor_id, row.client_id) for row in db.exec(about)]
    assert entries == [(f"bookings.{verb}", alice.id, alice.id) for verb in ("booked", "moved", "cancelled")]


def test_a_client_sees_own_appointments_a_practitioner_all_an_admin_none(
    db, alice, bob, charlie, dana, erin, consultation
):
    booked = a_consultation(db, alice, bob)
    for viewer in (alice, bob, erin):
        assert queries.appointment(db, viewer, booked.id).id == booked.id
        assert queries.upcoming(db, viewer, alice.id) == [booked]
    for stranger in (charlie, dana):
        with pytest.raises(NotFound):
            queries.appointment(db, stranger, booked.id)
        assert not queries.appointments(db, stranger, alice.id)


def test_the_notice_period_and_the_horizon_bind_clients_only(db, alice, bob, consultation):
    policy = clinic.stored_policy(db)
    policy.notice_hours, policy.horizon_days, policy.staff_horizon_days = 30, 20, 40
    db.flush()
    today, soonest = clock.now().date(), clock.now() + timedelta(hours=30)
    own, teams = (queries.slots(db, viewer, consultation, today, 60) for viewer in (alice, bob))
    offered, for_team = ([slot.starts_at for day in found for slot in day.slots] for found in (own, teams))
    assert soonest - timedelta(minutes=1) <= min(offered) <= soonest + timedelta(hours=17)
    assert max(offered) <= clock.now() + timedelta(days=20)
    assert min(for_team) < min(offered)
    assert clock.now() + timedelta(days=38) < max(for_team) <= clock.now() + timedelta(days=40)


def test_what_only_the_limits_for_clients_forbid_is_named_for_a_call_and_cannot_be_booked(db, alice, bob, consultation):
    clinic.stored_policy(db).notice_hours = 30  # within which there is an open time at whatever hour it is
    db.flush()
    days = queries.slots(db, alice, consultation, clock.now().date(), 90)
    by_call = [slot for day in days for slot in day.by_call]
    too_soon, too_late = by_call[0], by_call[-1]
    assert too_soon.starts_at < clock.now() + timedelta(hours=30)
    assert too_late.starts_at > clock.now() + timedelta(days=60)
    assert not {slot.starts_at for day in days for slot in day.slots} & {slot.starts_at for slot in by_call}
    with pytest.raises(Refused, match=r"less than 30 hours.*call us"):
        service.book(db, alice, alice.id, consultation, too_soon.practitioner_id, too_soon.starts_at)
    with pytest.raises(Refused, match="no longer free"):
        service.book(db, alice, alice.id, consultation, too_late.practitioner_id, too_late.starts_at)
    for slot in (too_soon, too_late):
        made = service.book(db, bob, alice.id, consultation, slot.practitioner_id, slot.starts_at)
        assert made.starts_at == slot.starts_at
        service.cancel(db, bob, made, "Only a try")
    assert not [slot for day in queries.slots(db, bob, consultation, clock.now().date(), 90) for slot in day.by_call]


def test_any_practitioner_means_the_one_with_less_to_do_that_day(db, alice, charlie, bob, consultation):
    booked = a_consultation(db, alice, bob, hour=9)
    day = booked.starts_at.date()
    offers = queries.slots(db, charlie, consultation, day, 1)[0].slots
    assert {slot.practitioner_name for slot in offers} == {"Erin Elm"}
    times = [slot.starts_at for slot in offers]
    assert len(times) == len(set(times))
