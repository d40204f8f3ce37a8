"""Many at once, with real transactions: one gets the time, the others are told. On SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier

import pytest
from sqlmodel import select

from portal.accounts.models import Person
from portal.bookings import queries, service
from portal.bookings.models import Appointment
from portal.kit.db import transaction
from portal.kit.errors import Refused
from tests.make_bookings import a_slot, a_treatment_session

MANY = 8


@pytest.fixture
def crowd(engine):
    with transaction(engine) as db:
        people = [Person(name=f"Client {n}", email=f"client{n}@example.test") for n in range(MANY)]
        db.add_all(people)
        db.flush()
        return [person.as_viewer() for person in people]


def at_once(engine, acts):
    """Run every `act(db)` in a thread and transaction of its own, all starting together; what each gave or refused."""
    ready = Barrier(len(acts))

    def run(act):
        ready.wait()
        try:
            with transaction(engine) as db:
                return act(db).id
        except Refused as refusal:
            return refusal.sentence

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def booked(engine):
    with transaction(engine, write=False) as db:
        return db.exec(select(Appointment)).all()


def test_of_eight_who_want_one_time_exactly_one_gets_it(engine, crowd, bob, consultation):
    with transaction(engine, write=False) as db:
        slot = a_slot(db, crowd[0], consultation, bob)

    def take(one):
        return lambda db: service.book(db, one, one.id, consultation, bob.id, slot.starts_at)

    told = at_once(engine, [take(one) for one in crowd])
    assert len(booked(engine)) == 1
    assert sum("no longer free" in str(answer) for answer in told) == MANY - 1


def test_times_that_only_overlap_are_not_given_twice(engine, crowd, bob, consultation):
    with transaction(engine, write=False) as db:
        slot = a_slot(db, crowd[0], consultation, bob)

    def take(one, minutes):
        starts_at = slot.starts_at + timedelta(minutes=minutes)
        return lambda db: service.book(db, one, one.id, consultation, bob.id, starts_at)

    at_once(engine, [take(one, 15 * (number % 3)) for number, one in enumerate(crowd)])
    spans = sorted((row.blocked_from, row.blocked_until) for row in booked(engine))
    assert spans
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


def test_one_client_in_eight_windows_gets_one_consultation(engine, alice, bob, erin, consultation):
    with transaction(engine, write=False) as db:
        slots = [a_slot(db, alice, consultation, who, in_days=day) for day in (3, 4, 5, 6) for who in (bob, erin)]

    def take(slot):
        return lambda db: service.book(db, alice, alice.id, consultation, slot.practitioner_id, slot.starts_at)

    at_once(engine, [take(slot) for slot in slots])
    assert len(booked(engine)) == 1


def test_the_last_session_of_a_verdict_is_booked_once(engine, alice, bob, suitable, needling):
    with transaction(engine) as db:
        for day in (2, 30):
            a_treatment_session(db, alice, bob, in_days=day, hour=15)
        a_treatment_session(db, alice, bob, in_days=100, hour=15, actor=bob)
        slots = [a_slot(db, bob, needling, bob, in_days=140 + day) for day in range(4)]

    def take(slot):
        return lambda db: service.book(db, bob, alice.id, needling, bob.id, slot.starts_at)

    told = at_once(engine, [take(slot) for slot in slots])
    assert len(booked(engine)) == 4
    assert sum("are done or booked" in str(answer) for answer in told) == 3


def test_a_move_and_a_booking_do_not_meet_in_one_time(engine, crowd, bob, consultation):
    with transaction(engine) as db:
        mover, *others = crowd
        own = a_slot(db, mover, consultation, bob)
        moved = service.book(db, mover, mover.id, consultation, bob.id, own.starts_at)
        wanted = a_slot(db, mover, consultation, bob, in_days=5)

    def move(db):
        mine = queries.appointment(db, mover, moved.id)
        return service.move(db, mover, mine, wanted.starts_at, bob.id, "A meeting")

    def take(one):
        return lambda db: service.book(db, one, one.id, consultation, bob.id, wanted.starts_at)

    at_once(engine, [move, *(take(one) for one in others)])
    assert [row.starts_at for row in booked(engine)].count(wanted.starts_at) == 1
