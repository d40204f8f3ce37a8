"""The gate and what is booked, changed at the same moment: nothing stands that the gate forbids unless on hold."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random

import pytest

from portal.accounts.models import Person
from portal.bookings import gatekeeping, queries, service
from portal.consents import queries as consent_queries
from portal.consents import service as consents
from portal.kit.db import transaction
from portal.kit.errors import Refused
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from portal.treatments import queries as treatments
from tests.make_availability import a_week
from tests.make_bookings import a_slot, a_treatment_session
from tests.make_consents import a_document
from tests.make_rush import all_at_once, booked
from tests.make_waiting import an_open_gate, policy


@pytest.mark.parametrize("rounds", [1, pytest.param(6, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("shut", ["hold", "withdraw"])
@pytest.mark.parametrize("verb", ["book", "move"])
def test_no_session_slips_past_a_gate_that_shuts_at_that_moment(wide, bob, erin, clinic_day, verb, shut, rounds):
    with transaction(wide) as db:
        a_week(db, erin, "17:00", "22:00")
        policy(db, horizon_days=300)
    for number in range(rounds):
        people = [person(wide, bob, f"{number}-{one}") for one in range(6)]
        acts = []
        for place, one in enumerate(people):
            day = 3 + 6 * number + place
            begin, to = standing(wide, one, bob, day) if verb == "move" else (None, None)
            acts.append(lambda one=one, day=day, b=begin, t=to: changes(wide, one, bob, day, b, t))
            acts.append(lambda one=one: shuts(wide, one, bob, shut))
        Random(number).shuffle(acts)
        all_at_once(acts)
        with transaction(wide, write=False) as db:
            open_ones = [one for one in booked(db) if one.client_id in {who.id for who in people}]
        assert all(one.is_on_hold for one in open_ones), [one.starts_at for one in open_ones if not one.is_on_hold]


@pytest.mark.postgres
def test_a_session_that_moved_meanwhile_counts_where_it_is_now(wide, alice, bob, suitable, needling):
    with transaction(wide) as db:
        policy(db, horizon_days=300)
        early = a_treatment_session(db, alice, bob, in_days=5)
        late, between = (a_slot(db, bob, needling, bob, in_days=day) for day in (60, 50))
    with transaction(wide) as db:
        seen = queries.appointments(db, alice, alice.id)  # as a page does before it books
        with transaction(wide) as other:
            mine = queries.appointment(other, bob, early.id)
            service.move(other, bob, mine, late.starts_at, bob.id, "Another day")
        with pytest.raises(Refused, match="rest"):
            service.book(db, alice, alice.id, needling, bob.id, between.starts_at)
        assert [one.starts_at for one in seen] == [late.starts_at]


@pytest.mark.postgres
def test_who_changes_a_treatment_waits_for_bookings_in_hand_and_finds_them(
    wide, alice, bob, suitable, needling, run_jobs
):
    with transaction(wide) as db:
        policy(db, horizon_days=300)
        a_treatment_session(db, alice, bob, in_days=5)
        run_jobs()

    def longer_rest():
        with transaction(wide) as other:
            row = treatments.get(other, needling.id)
            row.interval_days = 60
            other.flush()
            gatekeeping.recheck(other, None)
        return "changed"

    with ThreadPoolExecutor(1) as thread:
        with transaction(wide) as db:
            slot = a_slot(db, bob, needling, bob, in_days=40)
            made = service.book(db, alice, alice.id, needling, bob.id, slot.starts_at)
            changing = thread.submit(longer_rest)
            with pytest.raises(TimeoutError):
                changing.result(0.3)
        assert changing.result(10) == "changed"
    run_jobs()
    with transaction(wide, write=False) as db:
        assert queries.appointment(db, alice, made.id).is_on_hold


@pytest.mark.postgres
def test_who_publishes_a_text_waits_for_bookings_in_hand_and_finds_them(wide, alice, bob, suitable, needling, run_jobs):
    def again():
        with transaction(wide) as other:
            a_document(other, None, treatments.needling(other), must_resign=True)
        return "published"

    with ThreadPoolExecutor(1) as thread:
        with transaction(wide) as db:
            made = a_treatment_session(db, alice, bob)
            publishing = thread.submit(again)
            with pytest.raises(TimeoutError):
                publishing.result(0.3)
        assert publishing.result(10) == "published"
    run_jobs()
    with transaction(wide, write=False) as db:
        assert queries.appointment(db, alice, made.id).on_hold_codes == ["consent"]


def person(engine, bob, name):
    with transaction(engine) as db:
        one = Person(name=f"Client {name}", email=f"client{name}@gate.test")
        db.add(one)
        db.flush()
        an_open_gate(db, bob, one.as_viewer())
        return one.as_viewer()


def standing(engine, who, bob, day):
    with transaction(engine) as db:
        needling = treatments.needling(db)
        slot = a_slot(db, who, needling, bob, day, 9, who)
        made = service.book(db, who, who.id, needling, bob.id, slot.starts_at)
        later = a_slot(db, who, needling, bob, day + 10, 9, who)
        return made.id, later.starts_at


def changes(engine, who, bob, day, mine, to):
    """Book a session, or move the one there is."""
    with suppress(Refused), transaction(engine) as db:
        if mine:
            service.move(db, who, queries.appointment(db, who, mine), to, bob.id, "Another day")
        else:
            needling = treatments.needling(db)
            slot = a_slot(db, who, needling, bob, day, 9, who)
            service.book(db, who, who.id, needling, bob.id, slot.starts_at)


def shuts(engine, who, bob, how):
    with transaction(engine) as db:
        if how == "hold":
            suitability.place_hold(db, bob, who.id, HoldKind.PRACTITIONER, "Let us look first.")
        else:
            (consent,) = consent_queries.signatures(db, who, who.id)
            consents.withdraw(db, who, consent.id)
