"""The search, by table: buffers, rooms, devices, places, closed days, fairness, and times for a call."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from portal.availability import rules
from portal.availability.rules import Hours, Length, Span, Window
from portal.availability.slots import Calendar, Closed, Thing, Worker

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 5, 4)
EVER = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
ANNA, BEN, CARA = (UUID(int=number) for number in (11, 12, 13))
ROOM, OTHER_ROOM, PEN = (UUID(int=number) for number in (21, 22, 31))
HERE, THERE = UUID(int=1), UUID(int=2)
HALF = Length(30)


def at(clock, day=MONDAY):
    return rules.instant(day, time.fromisoformat(clock), BERLIN)


def span(opens, closes, day=MONDAY):
    return Span(at(opens, day), at(closes, day))


def worker(who=ANNA, *windows, name="Anna", away=(), place=None):
    shown = windows or (("09:00", "11:00"),)
    return Worker(who, name, [Window(at(opens), at(closes), place) for opens, closes in shown], away)


def calendar(*workers, days=1, step=30, **more):
    shown = [MONDAY + timedelta(days=count) for count in range(days)]
    return Calendar(BERLIN, shown, workers or (worker(),), step, **more)


def starts(found, kind="slots"):
    return " ".join(f"{slot.starts_at.astimezone(BERLIN):%H:%M}" for slot in getattr(found[0], kind))


def free(some, length=HALF, taken=None, busy=(), within=EVER, by_call=None):
    return some.free(taken or {}, busy, length, within, by_call)


@pytest.mark.parametrize(
    "step, minutes, expected",
    [
        (15, 60, "09:00 09:15 09:30 09:45 10:00"),
        (30, 60, "09:00 09:30 10:00"),
        (20, 30, "09:00 09:20 09:40 10:00 10:20"),
        (60, 120, "09:00"),
        (60, 121, ""),
    ],
)
def test_times_are_a_step_apart_and_end_inside_the_hours(step, minutes, expected):
    assert starts(free(calendar(step=step), Length(minutes))) == expected


@pytest.mark.parametrize(
    "taken, expected",
    [
        pytest.param(("10:00", "10:30"), "09:00 09:15 10:45 11:00", id="buffers-keep-away"),
        pytest.param(
            ("08:00", "08:50"), "09:00 09:15 09:30 09:45 10:00 10:15 10:30 10:45 11:00", id="ends-before-the-buffer"
        ),
        pytest.param(("08:00", "08:51"), "09:15 09:30 09:45 10:00 10:15 10:30 10:45 11:00", id="a-minute-into-it"),
        pytest.param(("07:00", "13:00"), "", id="away-all-day"),
        pytest.param(("11:40", "12:00"), "09:00 09:15 09:30 09:45 10:00 10:15 10:30 10:45 11:00", id="after-all"),
        pytest.param(("11:39", "12:00"), "09:00 09:15 09:30 09:45 10:00 10:15 10:30 10:45", id="a-minute-before-it"),
    ],
)
@pytest.mark.parametrize("how", ["taken", "away", "closed", "room", "outage"])
def test_what_takes_time_is_never_touched_not_even_by_a_buffer(how, taken, expected):
    off = span(*taken)
    some = calendar(worker(ANNA, ("09:00", "11:30")), step=15)
    if how == "away":
        some = calendar(worker(ANNA, ("09:00", "11:30"), away=[off]), step=15)
    if how == "closed":
        some = replace(some, closed=[Closed(*off)])
    if how in {"room", "outage"}:
        some = replace(some, rooms=[Thing(ROOM, away=[off] if how == "outage" else ())])
    booked = {"taken": {ANNA: [off]}, "room": {ROOM: [off]}}.get(how, {})
    assert starts(free(some, Length(30, before=10, after=10), booked)) == expected


def test_the_clients_own_appointments_are_kept_free_but_buffers_may_touch_them():
    long = Length(30, before=10, after=10)
    assert starts(free(calendar(), long, busy=[span("09:30", "10:00")])) == "09:00 10:00 10:30"


def test_taken_spans_may_overlap_each_other_and_come_in_any_order():
    taken = [span("10:00", "10:30"), span("09:00", "10:00"), span("09:15", "09:30"), span("09:00", "10:30")]
    for some in (taken, taken[::-1]):
        assert starts(free(calendar(), taken={ANNA: some})) == "10:30"


def test_a_start_outside_what_may_be_booked_is_named_for_a_call():
    found = free(calendar(), within=span("09:20", "10:00"), by_call=span("09:20", "10:20"))
    assert starts(found) == "09:30"
    assert starts(found, "by_call") == "10:00"
    earlier = free(calendar(), within=span("10:00", "12:00"), by_call=span("08:00", "12:00"))
    assert (starts(earlier), starts(earlier, "by_call")) == ("10:00 10:30", "09:00 09:30")


def test_every_day_is_there_even_without_a_time():
    found = free(calendar(days=3))
    assert [one.day for one in found] == [MONDAY + timedelta(days=count) for count in range(3)]
    assert [len(one.slots) for one in found] == [4, 0, 0]


def test_a_treatment_that_needs_a_room_and_a_device_gets_both_or_nothing():
    some = calendar(rooms=[Thing(ROOM), Thing(OTHER_ROOM)], devices=[Thing(PEN)])
    taken = {ROOM: [span("09:00", "09:30")], PEN: [span("10:00", "10:30")]}
    (day,) = free(some, taken=taken)
    got = {f"{one.starts_at.astimezone(BERLIN):%H:%M}": (one.room_id, one.device_id) for one in day.slots}
    assert got == {"09:00": (OTHER_ROOM, PEN), "09:30": (ROOM, PEN), "10:30": (ROOM, PEN)}


@pytest.mark.parametrize("more", [{"rooms": []}, {"devices": []}, {"rooms": [Thing(ROOM)], "devices": []}])
def test_without_a_room_or_device_that_serves_it_nothing_is_free(more):
    assert starts(free(calendar(**more))) == ""


def test_a_room_serves_only_at_its_place_and_a_device_without_one_goes_along():
    people = (worker(ANNA, ("09:00", "10:00"), place=HERE), worker(BEN, ("10:00", "11:00"), name="Ben", place=THERE))
    (day,) = free(calendar(*people, rooms=[Thing(ROOM, THERE)], devices=[Thing(PEN)]))
    assert {(one.practitioner_id, one.place_id, one.room_id) for one in day.slots} == {(BEN, THERE, ROOM)}


def test_one_place_can_be_closed_while_the_other_is_open():
    both = Worker(ANNA, "Anna", [Window(at("09:00"), at("10:00"), HERE), Window(at("10:00"), at("11:00"), THERE)])
    assert starts(free(calendar(both, closed=[Closed(at("08:00"), at("18:00"), HERE)]))) == "10:00 10:30"
    assert starts(free(calendar(both, closed=[Closed(at("08:00"), at("18:00"))]))) == ""


def test_who_has_least_to_do_that_day_is_offered():
    people = (worker(ANNA), worker(BEN, name="Ben"))
    busy = {ANNA: [span("15:00", "16:00")]}
    assert {slot.practitioner_id for slot in free(calendar(*people), taken=busy)[0].slots} == {BEN}
    tomorrow = {ANNA: [span("15:00", "16:00", MONDAY + timedelta(days=1))], BEN: [span("15:00", "16:00")]}
    assert {slot.practitioner_id for slot in free(calendar(*people), taken=tomorrow)[0].slots} == {ANNA}


def test_between_equals_each_has_their_turn_and_everybody_who_asks_sees_the_same():
    days = [MONDAY + timedelta(days=count) for count in range(300)]
    at_nine = [Window(rules.instant(day, time(9), BERLIN), rules.instant(day, time(10), BERLIN)) for day in days]
    people = [Worker(who, "X", at_nine) for who in (ANNA, BEN, CARA)]
    some = Calendar(BERLIN, days, people, 60)
    shown = [day.slots[0].practitioner_id for day in free(some, Length(60), within=Span(EVER.start, at_nine[-1].end))]
    assert shown == [
        day.slots[0].practitioner_id
        for day in free(replace(some, workers=people[::-1]), Length(60), within=Span(EVER.start, at_nine[-1].end))
    ]
    for who in (ANNA, BEN, CARA):
        assert 70 <= shown.count(who) <= 130
        assert 8 <= shown[::7].count(who) <= 22, "also when only Mondays are asked for"


def test_one_day_alone_is_answered_as_the_same_day_among_many():
    people = (worker(ANNA), worker(BEN, name="Ben"))
    assert free(calendar(*people))[0] == free(calendar(*people, days=5))[0]


def test_the_subjects_are_all_whose_time_can_be_taken():
    some = calendar(worker(ANNA), worker(BEN), rooms=[Thing(ROOM)], devices=[Thing(PEN)])
    assert some.subjects == [ANNA, BEN, ROOM, PEN]
    assert calendar().subjects == [ANNA]


def test_seconds_are_never_rounded_in_favour_of_a_collision():
    late = Span(at("09:00"), at("09:30") + timedelta(microseconds=1))
    assert starts(free(calendar(), taken={ANNA: [late]})) == "10:00 10:30"


def test_a_weeks_hours_and_a_search_together():
    week = [Hours(0, time(9), time(12)), Hours(0, time(10), time(10, 30), is_break=True)]
    windows, pauses = rules.at_work(week, [], [MONDAY], BERLIN), rules.breaks(week, MONDAY, BERLIN)
    found = free(calendar(Worker(ANNA, "Anna", windows, pauses)), Length(30, before=10))
    assert starts(found) == "09:00 09:30 11:00 11:30"


def test_a_slot_says_its_own_name_as_a_form_sends_it():
    assert free(calendar())[0].slots[0].value == f"2026-05-04T07:00:00+00:00/{ANNA}"
