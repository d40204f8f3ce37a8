"""The calendar as the database tells it: with few queries, and all that limits it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.accounts import queries as accounts
from portal.availability import premises, queries
from portal.availability.forms import ResourceForm
from portal.availability.rules import Span
from portal.kit import clock
from portal.kit.forms import checked
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from tests.make_availability import a_closure, a_device, a_place, a_room, a_week, an_outage


@pytest.fixture
def needling(db):
    catalogue.add_starters(db)
    db.flush()
    return treatments.needling(db)


@pytest.fixture
def day(db, bob, needling):
    a_week(db, bob)
    return clock.today("Europe/Berlin") + timedelta(days=5)


def free_on(db, treatment, day, who=None):
    calendar = queries.calendar(db, treatment, day, 1, who)
    (found,) = calendar.free({}, [], queries.length_of(treatment), calendar.around)
    return found.slots


def statements(db, act):
    seen = []

    def count(conn, cursor, statement, *rest):
        seen.append(statement)

    sa.event.listen(db.get_bind(), "before_cursor_execute", count)
    try:
        act()
    finally:
        sa.event.remove(db.get_bind(), "before_cursor_execute", count)
    return len(seen)


def test_a_working_week_offers_times_and_a_closed_day_none(db, day, needling, bob):
    slots = free_on(db, needling, day)
    assert {slot.practitioner_id for slot in slots} == {bob.id}
    assert slots[0].practitioner_name == "Bob Birch"
    a_closure(db, day)
    assert not free_on(db, needling, day)
    assert free_on(db, needling, day + timedelta(days=1))


def test_only_the_practitioner_asked_for_is_searched(db, day, needling, bob, erin):
    a_week(db, erin)
    assert {slot.practitioner_id for slot in free_on(db, needling, day, erin.id)} == {erin.id}
    assert queries.calendar(db, needling, day, 1, erin.id).subjects == [erin.id]


def test_what_needs_a_room_and_a_device_gets_those_that_serve_it(db, day, needling):
    consultation = treatments.consultation(db)
    a_room(db, consultation, "For talking")
    room, pen = a_room(db, needling, "For treating"), a_device(db, needling)
    assert {(slot.room_id, slot.device_id) for slot in free_on(db, needling, day)} == {(room.id, pen.id)}
    an_outage(db, pen, day)
    assert not free_on(db, needling, day)


def test_the_room_that_serves_fewest_others_is_taken_first(db, day, needling):
    both = a_room(db, needling, "A for both")
    only = a_room(db, needling, "Z for this")
    _serves(db, both, [needling, treatments.consultation(db)])
    assert {slot.room_id for slot in free_on(db, needling, day)} == {only.id}


def test_the_first_place_takes_over_hours_and_rooms_and_a_closed_place_offers_nothing(db, day, needling, bob):
    room = a_room(db, needling)
    place = a_place(db)
    assert {(slot.place_id, slot.room_id) for slot in free_on(db, needling, day)} == {(place.id, room.id)}
    place.is_active = False
    db.add(place)
    db.flush()
    assert not free_on(db, needling, day)


def test_a_room_at_another_place_does_not_serve(db, day, needling):
    a_place(db)
    other = a_place(db, "Far away")
    a_room(db, needling, place=other)
    assert not free_on(db, needling, day)


def test_what_needs_a_thing_that_nothing_serves_is_named(db, day, needling):
    assert queries.unserved(db) == []
    room = a_room(db, needling)
    assert queries.unserved(db) == []
    room.is_active = False
    needling.needs_device = True
    db.add_all([room, needling])
    db.flush()
    assert [(one.id, kind.value) for one, kind in queries.unserved(db)] == [
        (needling.id, "room"),
        (needling.id, "device"),
    ]


def test_an_account_that_is_closed_offers_nothing(db, day, needling, bob):
    accounts.person(db, bob.id).is_active = False
    db.flush()
    assert not free_on(db, needling, day)


def test_the_number_of_queries_does_not_grow(db, day, needling, bob, erin):
    few = statements(db, lambda: queries.calendar(db, needling, day, 7))
    a_week(db, erin)
    for number in range(12):
        a_room(db, needling, f"Room {number}")
        a_device(db, needling, f"Pen {number}")
        a_closure(db, day + timedelta(days=20 + number))
    many = statements(db, lambda: queries.calendar(db, needling, day, 90))
    assert many <= few + 2, "the rooms and their outages are two more"


def test_taken_time_matters_a_day_around(db, day, needling):
    calendar = queries.calendar(db, needling, day, 1)
    assert isinstance(calendar.around, Span)
    assert calendar.around.end - calendar.around.start >= timedelta(days=2, hours=23)


def _serves(db, resource, served):
    fields = resource.model_dump() | {"treatments": [one.id for one in served]}
    premises.save_resource(db, None, checked(ResourceForm, **fields).value, resource)
