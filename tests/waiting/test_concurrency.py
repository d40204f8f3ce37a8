"""Several workers and clicks at once, with real transactions, on SQLite and on PostgreSQL."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlmodel import select

from portal.bookings import service as appointments
from portal.bookings.models import Appointment
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import Refused
from portal.kit.jobs import Surroundings
from portal.waiting import entries, jobs, queries, service
from portal.waiting.models import FreedTime, WaitingEntry
from portal.waiting.rules import OfferState
from tests.make_waiting import GRACE, a_freed_time, booked, offers, open_offers, waits


@pytest.fixture
def work(engine):
    """One worker does every step that is due."""
    return lambda: jobs.offer(Surroundings(engine, None), {})


def at_once(*acts):
    """Each in a thread of its own, all starting together; what each gave, or the sentence it was refused with."""
    ready = Barrier(len(acts))

    def run(act):
        ready.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal.sentence

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.fixture
def freed(engine, crowd, bob, consultation):
    """Alice and the crowd wait; one time has come free and its grace is over."""
    with transaction(engine) as db:
        for one in crowd[1:]:
            waits(db, one, consultation)
        a_freed_time(db, crowd[0], bob, consultation)
    with clock.travelled(GRACE):
        yield


def answer(engine, verb, person, offer_id):
    def act():
        with transaction(engine) as db:
            made = verb(db, person, queries.offer(db, person, offer_id))
            return made.id if made else None

    return act


def test_four_workers_offer_one_time_once(engine, freed, work):
    at_once(work, work, work, work)
    assert len(offers(engine)) == 1
    at_once(work, work, work, work)
    assert len(offers(engine)) == 1


def test_two_clicks_on_yes_book_once(engine, freed, work, crowd):
    work()
    (offer,) = open_offers(engine)
    person = next(one for one in crowd if one.id == offer.client_id)
    yes = answer(engine, service.accept, person, offer.id)
    told = at_once(yes, yes, yes)
    assert len(set(told)) == 1
    with transaction(engine, write=False) as db:
        assert [row.id for row in db.exec(select(Appointment).where(Appointment.state == State.BOOKED))] == [told[0]]


def test_yes_and_no_at_once_is_one_of_them(engine, freed, work, crowd):
    work()
    (offer,) = open_offers(engine)
    person = next(one for one in crowd if one.id == offer.client_id)
    at_once(answer(engine, service.accept, person, offer.id), answer(engine, service.decline, person, offer.id))
    with transaction(engine, write=False) as db:
        made = db.exec(select(Appointment).where(Appointment.state == State.BOOKED)).all()
        state = queries.offer(db, person, offer.id).state
    assert (state, len(made)) in {(OfferState.ACCEPTED, 1), (OfferState.DECLINED, 0)}


def test_a_yes_in_the_last_second_and_the_lapse_are_not_both_true(engine, freed, work, crowd):
    work()
    (offer,) = open_offers(engine)
    person = next(one for one in crowd if one.id == offer.client_id)
    with clock.travelled(offer.answer_by - clock.now() - timedelta(milliseconds=30)):
        at_once(answer(engine, service.accept, person, offer.id), work, work)
        work()
    with transaction(engine, write=False) as db:
        made = db.exec(select(Appointment).where(Appointment.state == State.BOOKED)).all()
        state = queries.offer(db, person, offer.id).state
    assert (state, len(made)) in {(OfferState.ACCEPTED, 1), (OfferState.LAPSED, 0), (OfferState.OPEN, 0)}


def test_leaving_while_one_is_asked_leaves_no_offer_behind(engine, freed, work, crowd):
    def leave(person):
        def act():
            with transaction(engine) as db:
                (entry,) = queries.entries(db, person, person.id)
                entries.leave(db, person, entry)

        return act

    at_once(*(leave(one) for one in crowd[1:]), work, work)
    work()
    with transaction(engine, write=False) as db:
        assert not db.exec(select(WaitingEntry).where(WaitingEntry.ended_at.is_(None))).all()
    assert not open_offers(engine)


def test_many_times_and_many_workers_never_ask_one_person_twice(engine, crowd, bob, erin, alice, consultation, work):
    with transaction(engine) as db:
        for one in crowd:
            waits(db, one, consultation)
        for hour, who in ((9, bob), (11, bob), (9, erin), (11, erin), (14, bob)):
            a_freed_time(db, alice, who, consultation, hour=hour)
    with clock.travelled(GRACE):
        at_once(work, work, work, work)
        asked = open_offers(engine)
    assert len(asked) == 5
    assert set(Counter(one.freed_id for one in asked).values()) == {1}
    assert set(Counter(one.entry_id for one in asked).values()) == {1}
    assert {one.client_id for one in asked} == {one.id for one in crowd[:5]}


def test_a_booking_from_the_list_of_times_and_an_offer_do_not_meet(
    engine, freed, work, crowd, alice, bob, consultation
):
    def take():
        with transaction(engine) as db:
            return booked(db, alice, bob, consultation).id

    at_once(take, work)
    with transaction(engine, write=False) as db:
        made = db.exec(select(Appointment).where(Appointment.state == State.BOOKED)).all()
    assert len(made) + len(open_offers(engine)) == 1


def test_everybody_says_yes_to_what_they_are_offered_and_nobody_is_booked_over(
    engine, crowd, bob, erin, alice, consultation, work
):
    with transaction(engine) as db:
        for one in crowd:
            waits(db, one, consultation)
        for hour, who in ((9, bob), (11, bob), (9, erin), (11, erin)):
            a_freed_time(db, alice, who, consultation, hour=hour)
    with clock.travelled(GRACE):
        work()
        people = {one.id: one for one in crowd}
        asked = open_offers(engine)
        told = at_once(*(answer(engine, service.accept, people[one.client_id], one.id) for one in asked), work)
    assert len(set(told[:-1])) == len(asked) == 4
    with transaction(engine, write=False) as db:
        made = db.exec(select(Appointment).where(Appointment.state == State.BOOKED)).all()
        assert len({(row.practitioner_id, row.starts_at) for row in made}) == len(made) == 4
        assert not db.exec(select(FreedTime).where(FreedTime.done_at.is_(None))).all() or work() is None


def test_a_swap_and_a_second_click_move_once(engine, crowd, bob, alice, consultation, work):
    with transaction(engine) as db:
        late = booked(db, alice, bob, consultation, in_days=12)
        waits(db, alice, consultation)
        a_freed_time(db, crowd[0], bob, consultation)
    with clock.travelled(GRACE):
        work()
        (offer,) = open_offers(engine)
        yes = answer(engine, service.accept, alice, offer.id)
        assert set(at_once(yes, yes)) == {late.id}
        with transaction(engine) as db:
            mine = db.get_one(Appointment, late.id)
            assert (mine.starts_at, mine.revision, mine.moves) == (offer.starts_at, 1, 0)
            appointments.cancel(db, bob, mine, "Ill")
