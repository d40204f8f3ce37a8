"""The pages, over HTTP: a practitioner's own hours; places, rooms, devices and closed days for an admin."""

from datetime import timedelta

import pytest

from portal.availability import queries
from portal.kit import clock
from portal.kit.db import transaction
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from tests.make_availability import a_place, a_room, a_week, an_outage


@pytest.fixture
def week(engine, bob, erin):
    with transaction(engine) as db:
        a_week(db, bob)
        a_week(db, erin)


@pytest.fixture
def needling(engine):
    with transaction(engine) as db:
        catalogue.add_starters(db)
        return treatments.needling(db)


@pytest.fixture
def day():
    return clock.today("Europe/Berlin") + timedelta(days=40)


def reading(engine, act, *args):
    with transaction(engine, write=False) as db:
        return act(db, *args)


def test_a_practitioner_keeps_own_hours(bob_browser, engine, bob, erin, week):
    page = bob_browser.get("/hours")
    assert "Monday" in page.text
    assert "09:00 to 17:00" in page.text
    row = {"weekday": "0", "opens": "18:00", "closes": "20:00"}
    assert bob_browser.post("/hours", data=row).status_code == 303
    clash = bob_browser.post("/hours", data=row | {"opens": "19:00", "closes": "21:00"})
    assert clash.status_code == 422
    assert "overlaps" in clash.text
    assert 'value="19:00"' in clash.text
    backwards = bob_browser.post("/hours", data=row | {"opens": "22:00", "closes": "21:00"})
    assert "must be after the opening" in backwards.text
    dates = {"valid_from": "2030-05-01", "valid_until": "2030-04-01"}
    assert "must not be before" in bob_browser.post("/hours", data=row | {"weekday": "1", **dates}).text
    mine, hers = (reading(engine, queries.hours_of, who.id) for who in (bob, erin))
    assert len(mine) == 8
    assert bob_browser.post(f"/hours/{mine[0].id}/remove").status_code == 303
    assert bob_browser.post(f"/hours/{hers[0].id}/remove").status_code == 404


def test_a_break_is_a_row_of_the_week(bob_browser, engine, bob, week):
    data = {"weekday": "0", "is_break": "yes", "opens": "12:00", "closes": "12:30"}
    assert bob_browser.post("/hours", data=data).status_code == 303
    assert sum(row.is_break for row in reading(engine, queries.hours_of, bob.id)) == 1
    assert "Break" in bob_browser.get("/hours").text


def test_where_is_asked_only_when_there_are_two_places(bob_browser, engine, bob, week):
    assert "place_id" not in bob_browser.get("/hours").text
    with transaction(engine) as db:
        a_place(db, "Main street")
        harbour = a_place(db, "Harbour")
    page = bob_browser.get("/hours")
    assert 'name="place_id"' in page.text
    data = {"weekday": "0", "opens": "18:00", "closes": "20:00"}
    missing = bob_browser.post("/hours", data=data)
    assert missing.status_code == 422
    assert "choose one of the clinic’s places" in missing.text
    assert bob_browser.post("/hours", data=data | {"place_id": str(harbour.id)}).status_code == 303
    assert "Harbour" in bob_browser.get("/hours").text


def test_extra_hours_come_and_go(bob_browser, engine, bob, day):
    data = {"day": day.isoformat(), "starts": "18:00", "ends": "20:00"}
    wrong = bob_browser.post("/hours/openings", data=data | {"ends": "17:00"})
    assert wrong.status_code == 422
    assert "must be after the beginning" in wrong.text
    assert bob_browser.post("/hours/openings", data=data).status_code == 303
    assert bob_browser.post("/hours/openings", data=data).status_code == 422, "the same again overlaps"
    (extra,) = reading(engine, queries.openings_of, bob.id)
    assert bob_browser.post(f"/hours/openings/{extra.id}/remove").status_code == 303
    assert not reading(engine, queries.openings_of, bob.id)


def test_time_off_comes_and_goes(bob_browser, engine, bob, day):
    first = day.isoformat()
    answer = bob_browser.post("/hours/time-off", data={"first_day": first, "last_day": first, "reason": "A course"})
    assert answer.status_code == 303
    page = bob_browser.get("/hours").text
    assert "Nothing is booked then" in page
    assert f"{day.day} {day:%B %Y}" in page
    wrong = bob_browser.post("/hours/time-off", data={"first_day": first, "last_day": "2020-01-01"})
    assert wrong.status_code == 422
    (off,) = reading(engine, queries.time_off_of, bob.id)
    assert bob_browser.post(f"/hours/time-off/{off.id}/remove").status_code == 303


def test_an_admin_adds_a_room_that_serves_a_treatment(dana_browser, engine, needling):
    with transaction(engine) as db:
        db.get_one(type(needling), needling.id).needs_room = True
    assert "Nobody can book this" in dana_browser.get("/admin/places").text
    form = {"kind": "room", "name": "Room 1", "treatments": str(needling.id), "is_active": "yes"}
    empty = dana_browser.post("/admin/places/resources/new", data=form | {"name": " "})
    assert empty.status_code == 422
    assert dana_browser.post("/admin/places/resources/new", data=form).status_code == 303
    page = dana_browser.get("/admin/places").text
    assert "Nobody can book this" not in page
    assert "Room 1" in page
    assert needling.name in page
    (room,) = reading(engine, queries.resources)
    again = dana_browser.post("/admin/places/resources/new", data=form)
    assert again.status_code == 422
    assert "of this name already" in again.text
    assert "checked" in dana_browser.get(f"/admin/places/resources/{room.id}").text
    assert dana_browser.post(f"/admin/places/resources/{room.id}", data=form | {"name": "Blue room"}).status_code == 303
    assert "Blue room" in dana_browser.get("/admin/places").text


def test_an_admin_takes_a_room_out_of_use_and_back(dana_browser, engine, needling, day):
    with transaction(engine) as db:
        room = a_room(db, needling)
    path = f"/admin/places/resources/{room.id}/outages"
    assert dana_browser.post(path, data={"first_day": day.isoformat()}).status_code == 422
    assert dana_browser.post(path, data={"first_day": day.isoformat(), "last_day": day.isoformat()}).status_code == 303
    (out,) = reading(engine, queries.outages_of, room.id)
    assert dana_browser.post(f"{path}/{out.id}/remove").status_code == 303
    assert not reading(engine, queries.outages_of, room.id)


def test_a_place_is_added_changed_and_no_longer_used(dana_browser, engine):
    form = {"name": "Harbour", "address": "Pier 1", "directions": "Ring twice.", "is_active": "yes"}
    assert dana_browser.post("/admin/places/new", data=form | {"name": ""}).status_code == 422
    assert dana_browser.post("/admin/places/new", data=form).status_code == 303
    (place,) = reading(engine, queries.places)
    assert "Ring twice." in dana_browser.get(f"/admin/places/{place.id}").text
    form.pop("is_active")
    assert dana_browser.post(f"/admin/places/{place.id}", data=form).status_code == 303
    assert "Not used" in dana_browser.get("/admin/places").text


def test_a_closed_day_comes_and_goes(dana_browser, engine, day):
    form = {"name": "Staff outing", "first_day": day.isoformat(), "last_day": day.isoformat()}
    wrong = dana_browser.post("/admin/closures", data=form | {"last_day": "2020-01-01"})
    assert wrong.status_code == 422
    assert "Staff outing" in wrong.text
    assert dana_browser.post("/admin/closures", data=form).status_code == 303
    assert "Staff outing" in dana_browser.get("/admin/closures").text
    (closed,) = reading(engine, queries.closures)
    assert dana_browser.post(f"/admin/closures/{closed.id}/remove").status_code == 303
    assert "Staff outing" not in dana_browser.get("/admin/closures").text


def test_the_same_form_twice_closes_the_day_once(dana_browser, engine, day):
    form = {"name": "Staff outing", "first_day": day.isoformat(), "last_day": day.isoformat(), "form_token": "same"}
    assert [dana_browser.post("/admin/closures", data=form).status_code for _ in range(2)] == [303, 303]
    assert len(reading(engine, queries.closures)) == 1


def test_only_the_right_people_enter(alice_browser, bob_browser, dana_browser, visitor, engine, needling, day):
    with transaction(engine) as db:
        room = a_room(db, needling)
        an_outage(db, room, day)
    for path in ("/admin/places", "/admin/closures", f"/admin/places/resources/{room.id}", "/admin/places/new"):
        assert [one.get(path).status_code for one in (alice_browser, bob_browser)] == [403, 403]
        assert visitor.get(path).status_code == 303
    assert [one.get("/hours").status_code for one in (alice_browser, dana_browser)] == [403, 403]
    assert dana_browser.get(f"/admin/places/resources/{day.toordinal()}").status_code == 404
