"""A practitioner's own week, one-off openings, time off, and the clinic's premises."""

from datetime import date, time, timedelta

import pytest

from portal.availability import premises, queries, service
from portal.availability.forms import HoursForm, OpeningForm, OutageForm, PlaceForm, ResourceForm, TimeOffForm
from portal.availability.service import WhichPlace
from portal.availability.shut import SHUT
from portal.kit import clock
from portal.kit.errors import NotFound, Refused
from portal.kit.forms import checked
from tests.make_availability import a_closure, a_place


@pytest.fixture
def day():
    return clock.today("Europe/Berlin") + timedelta(days=5)


def hours(opens="09:00", closes="17:00", **more):
    return checked(HoursForm, weekday=0, opens=opens, closes=closes, **more).value


def once(day, starts="18:00", ends="20:00", **more):
    return checked(OpeningForm, day=day, starts=starts, ends=ends, **more).value


def away(first, last=None, **more):
    return checked(TimeOffForm, first_day=first, last_day=last or first, **more).value


def test_a_break_lies_inside_the_hours_and_has_no_place(db, bob):
    place = a_place(db)
    service.add_hours(db, bob, hours())
    service.add_hours(db, bob, hours("12:00", "13:00", is_break=True))
    work, pause = queries.hours_of(db, bob.id)
    assert (work.place_id, pause.place_id, pause.is_break) == (place.id, None, True)
    with pytest.raises(Refused, match="overlaps"):
        service.add_hours(db, bob, hours("12:30", "13:30", is_break=True))
    with pytest.raises(Refused, match="overlaps"):
        service.add_hours(db, bob, hours("16:00", "18:00"))


def test_with_several_places_somebody_says_where_they_work(db, bob):
    here, there = a_place(db), a_place(db, "Harbour")
    with pytest.raises(WhichPlace):
        service.add_hours(db, bob, hours())
    with pytest.raises(WhichPlace):
        service.add_hours(db, bob, hours(place_id=bob.id))
    assert service.add_hours(db, bob, hours(place_id=there.id)).place_id == there.id
    assert service.add_hours(db, bob, hours("18:00", "19:00", place_id=here.id)).place_id == here.id


def test_what_is_not_mine_I_cannot_remove(db, bob, erin, day):  # noqa: N802
    row = service.add_hours(db, bob, hours())
    off = service.add_time_off(db, bob, away(day)) and queries.time_off_of(db, bob.id)[0]
    extra = service.add_opening(db, bob, once(day + timedelta(days=1)))
    for remove, which in (
        (service.remove_hours, row),
        (service.remove_time_off, off),
        (service.remove_opening, extra),
    ):
        with pytest.raises(NotFound):
            remove(db, erin, which.id)
        remove(db, bob, which.id)
    db.flush()
    assert not queries.hours_of(db, bob.id)
    assert not queries.time_off_of(db, bob.id)
    assert not queries.openings_of(db, bob.id)


def test_extra_hours_are_refused_where_nobody_is_there(db, bob, day):
    service.add_time_off(db, bob, away(day))
    with pytest.raises(Refused, match="away"):
        service.add_opening(db, bob, once(day))
    a_closure(db, day + timedelta(days=1), "Staff training")
    with pytest.raises(Refused, match="Staff training"):
        service.add_opening(db, bob, once(day + timedelta(days=1)))
    service.add_opening(db, bob, once(day + timedelta(days=2)))
    with pytest.raises(Refused, match="overlaps"):
        service.add_opening(db, bob, once(day + timedelta(days=2), "19:00", "21:00"))


def test_extra_hours_that_the_clocks_skip_are_refused(db, bob):
    with pytest.raises(Refused, match="does not exist"):
        service.add_opening(db, bob, once(date(2027, 3, 28), "02:00", "03:00"))


def test_who_listens_counts_what_is_booked_in_a_time_that_is_shut(db, bob, day, monkeypatch):
    told = []

    def two_more(_, shut):
        told.append(shut)
        shut.booked += 2

    monkeypatch.setattr(SHUT, "_listeners", [two_more])
    assert service.add_time_off(db, bob, away(day, from_time=time(9), until_time=time(12))).booked == 2
    assert (told[0].practitioner_id, told[0].resource_id, told[0].place_id) == (bob.id, None, None)
    assert told[0].span.end - told[0].span.start == timedelta(hours=3)


def test_names_are_given_once_and_a_place_keeps_its_own(db):
    place = a_place(db)
    form = checked(PlaceForm, name=place.name, is_active=True, directions="Ring twice.").value
    with pytest.raises(Refused, match="this name"):
        premises.save_place(db, None, form)
    assert premises.save_place(db, None, form, place).directions == "Ring twice."


def test_a_room_stands_somewhere_and_a_device_may_go_along(db):
    def add(kind, name, **more):
        return premises.save_resource(
            db, None, checked(ResourceForm, kind=kind, name=name, is_active=True, **more).value
        )

    assert add("room", "Before any place").place_id is None
    first = a_place(db)
    assert queries.resources(db)[0].place_id == first.id, "the first place takes it over"
    assert add("room", "Room 1").place_id == first.id
    assert add("device", "Pen").place_id is None
    second = a_place(db, "Harbour")
    with pytest.raises(WhichPlace):
        add("room", "Room 2")
    assert add("room", "Room 2", place_id=second.id).place_id == second.id


def test_a_device_is_repaired_sooner(db, day):
    pen = premises.save_resource(db, None, checked(ResourceForm, kind="device", name="Pen", is_active=True).value)
    shut = premises.add_outage(db, None, pen, checked(OutageForm, first_day=day, last_day=day).value)
    assert shut.resource_id == pen.id
    (row,) = queries.outages_of(db, pen.id)
    with pytest.raises(NotFound):
        premises.remove_outage(db, None, row.id, row.id)
    premises.remove_outage(db, None, pen.id, row.id)
    db.flush()
    assert not queries.outages_of(db, pen.id)
