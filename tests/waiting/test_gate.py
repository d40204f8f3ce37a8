"""The gate and what is given back: nobody is offered, or takes, what they may not have."""

import pytest
from sqlmodel import select

from portal.bookings import queries as bookings
from portal.bookings import service as appointments
from portal.bookings.models import SlotHold
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.errors import Refused
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from portal.waiting import entries, queries, service
from portal.waiting.models import FreedTime
from portal.waiting.rules import OfferState
from tests.make_waiting import (
    GRACE,
    a_freed_time,
    all_steps,
    an_open_gate,
    at,
    booked,
    day,
    offers,
    open_offers,
    wait_in_turn,
    waits,
)


def test_whoever_the_gate_does_not_allow_is_passed_over_and_the_next_is_asked(
    db, alice, charlie, bob, dora, consultation, needling
):
    wait_in_turn(db, [charlie, alice], needling)
    an_open_gate(db, bob, alice)
    an_open_gate(db, bob, dora)
    a_freed_time(db, dora, bob, needling)
    with clock.travelled(GRACE):
        all_steps(db)
    assert [one.client_id for one in offers(db)] == [alice.id]
    passed_over = next(one for one in queries.places(db, queries.everybody(db, bob)) if one.client_name == charlie.name)
    assert "consultation" in passed_over.gate.to_clinic


def test_a_session_too_close_to_another_is_not_offered(db, alice, bob, dora, needling):
    an_open_gate(db, bob, alice)
    an_open_gate(db, bob, dora)
    booked(db, alice, bob, needling, in_days=20, hour=14)
    waits(db, alice, needling)
    a_freed_time(db, dora, bob, needling, in_days=3)
    with clock.travelled(GRACE):
        all_steps(db)
    assert not offers(db)


def test_the_gate_is_asked_again_when_somebody_says_yes(db, alice, bob, dora, needling):
    an_open_gate(db, bob, alice)
    an_open_gate(db, bob, dora)
    waits(db, alice, needling)
    a_freed_time(db, dora, bob, needling)
    with clock.travelled(GRACE):
        all_steps(db)
        suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "A rash")
        with pytest.raises(Refused, match="paused"):
            service.accept(db, alice, offers(db)[0])


def test_an_offer_is_taken_back_when_the_gate_shuts(db, alice, bob, dora, needling):
    an_open_gate(db, bob, alice)
    an_open_gate(db, bob, dora)
    waits(db, alice, needling)
    a_freed_time(db, dora, bob, needling)
    with clock.travelled(GRACE):
        all_steps(db)
        suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "A rash")
        entries.tick(db)
    assert [one.state for one in offers(db)] == [OfferState.WITHDRAWN]
    assert not db.exec(select(SlotHold)).all()
    assert queries.entries(db, alice, alice.id)


def test_the_interval_to_what_is_given_back_does_not_count(db, alice, bob, dora, needling):
    an_open_gate(db, bob, alice)
    an_open_gate(db, bob, dora)
    later = booked(db, alice, bob, needling, in_days=20, hour=14)
    waits(db, alice, needling, swap=later.id)
    a_freed_time(db, dora, bob, needling, in_days=3)
    with clock.travelled(GRACE):
        all_steps(db)
        made = service.accept(db, alice, offers(db)[0])
        assert (made.id, made.starts_at, made.moves) == (later.id, at(db, 3, 10), 0)
        assert [(one.starts_at, one.state) for one in bookings.appointments(db, alice, alice.id)] == [
            (at(db, 3, 10), State.BOOKED)
        ]
        assert at(db, 20, 14) in {
            one.starts_at for one in db.exec(select(FreedTime).where(FreedTime.done_at.is_(None)))
        }


def test_what_is_given_back_is_offered_to_the_next(db, alice, charlie, bob, dora, consultation):
    late = booked(db, alice, bob, consultation, in_days=10)
    wait_in_turn(db, [alice, charlie], consultation, not_before=day(db, 3))
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
        assert service.accept(db, alice, offers(db)[0]).id == late.id
    with clock.travelled(2 * GRACE):
        all_steps(db)
    assert [(one.client_id, one.starts_at) for one in open_offers(db)] == [(charlie.id, at(db, 10, 10))]


def test_an_appointment_within_the_windows_of_clients_and_moved_often_may_be_given_back(
    db, alice, bob, dora, consultation
):
    soon = booked(db, alice, bob, consultation, in_days=1, hour=9)
    soon.moves = soon.revision = 3
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation, in_days=0, hour=16)
    with clock.travelled(GRACE):
        all_steps(db)
        assert service.accept(db, alice, offers(db)[0]).moves == 3


def test_a_later_time_than_ones_own_is_not_offered(db, alice, bob, dora, consultation):
    booked(db, alice, bob, consultation, in_days=3, hour=9)
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
    assert not offers(db)


def test_an_appointment_moved_earlier_meanwhile_is_not_moved_back(db, alice, bob, dora, consultation):
    late = booked(db, alice, bob, consultation, in_days=10)
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
        appointments.move(db, bob, late, at(db, 2, 9), bob.id, "By telephone")
        with pytest.raises(Refused, match="earlier by now"):
            service.accept(db, alice, offers(db)[0])
