"""For all that hypothesis can think of, in zones with different clock-change rules: the search finds what a minute by
minute reference finds, and nothing that is booked from it collides.
"""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.availability import rules
from portal.availability.rules import Hours, Length, Span, Window
from portal.availability.slots import Calendar, Closed, Thing, Worker
from tests.availability import reference
from tests.availability.reference import minute

# Zone, and days around which its clocks change: Lord Howe by half an hour; Santiago and Cairo at midnight; Apia once
# left out a whole day; Kolkata never changes.
CHANGES = {
    "Europe/Berlin": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
    "America/Santiago": [date(2026, 4, 4), date(2026, 4, 5), date(2026, 9, 6)],
    "Africa/Cairo": [date(2026, 4, 24), date(2026, 10, 29), date(2026, 10, 30)],
    "Pacific/Apia": [date(2011, 12, 29), date(2011, 12, 30), date(2011, 12, 31)],
    "Asia/Kolkata": [date(2026, 3, 29)],
}
PLACES = [None, UUID(int=1), UUID(int=2)]
SUBJECTS = [UUID(int=number) for number in range(10, 16)]
PEOPLE, ROOMS, DEVICES = SUBJECTS[:2], SUBJECTS[2:4], SUBJECTS[4:]
ORDINARY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(ORDINARY, max_examples=1000)


@dataclass
class Clinic:
    """One drawn clinic: what the search is told, and what it is made from."""

    calendar: Calendar
    weeks: dict[UUID, list[Hours]]
    once: dict[UUID, list[Window]]
    taken: dict[UUID, list[Span]]
    busy: list[Span]
    length: Length


def _time(steps):
    return (datetime(2000, 1, 1) + timedelta(minutes=5 * steps)).time()  # noqa: DTZ001 - only its time is used


@st.composite
def rows(draw, day):
    """Hours of one weekday that do not overlap, and perhaps a break."""
    edges = sorted(draw(st.sets(st.integers(0, 287), min_size=2, max_size=6)))
    touching = draw(st.booleans())
    pairs = list(itertools.pairwise(edges))[:: 1 if touching else 2]
    place = st.sampled_from(PLACES)
    made = [Hours(day.weekday(), _time(one), _time(two), place_id=draw(place)) for one, two in pairs]
    if draw(st.booleans()):
        start = draw(st.integers(0, 280))
        made.append(Hours(day.weekday(), _time(start), _time(start + draw(st.integers(1, 7))), is_break=True))
    return made


@st.composite
def clinics(draw):
    name = draw(st.sampled_from(sorted(CHANGES)))
    zone, around = ZoneInfo(name), draw(st.sampled_from(CHANGES[name]))
    first = around - timedelta(days=draw(st.integers(0, 1)))
    days = [first + timedelta(days=count) for count in range(draw(st.integers(1, 3)))]
    begins = minute(datetime.combine(days[0], time(), UTC)) - 15 * 60

    def spans(most, longest):
        pair = st.tuples(st.integers(0, (len(days) + 1) * 1440), st.integers(1, longest))
        return [_span(begins + start, long) for start, long in draw(st.lists(pair, max_size=most))]

    weeks = {who: [row for day in days for row in draw(rows(day))] for who in PEOPLE}
    once = {who: [Window(*one, draw(st.sampled_from(PLACES))) for one in spans(1, 600)] for who in PEOPLE}
    once = {who: [one for one in windows if _in_days(one, days, zone)] for who, windows in once.items()}
    calendar = Calendar(
        zone,
        days,
        [
            Worker(
                who,
                str(who.int),
                rules.at_work(weeks[who], once[who], days, zone),
                [*(one for day in days for one in rules.breaks(weeks[who], day, zone)), *spans(2, 600)],
            )
            for who in PEOPLE[: draw(st.integers(1, 2))]
        ],
        draw(st.sampled_from([5, 10, 15, 20, 30, 60])),
        [Closed(*one, draw(st.sampled_from(PLACES))) for one in spans(1, 900)],
        draw(st.none() | st.just([Thing(one, draw(st.sampled_from(PLACES)), spans(1, 400)) for one in ROOMS])),
        draw(st.none() | st.just([Thing(one, draw(st.sampled_from(PLACES)), spans(1, 400)) for one in DEVICES])),
    )
    length = Length(5 * draw(st.integers(1, 24)), draw(st.integers(0, 20)), draw(st.integers(0, 20)))
    return Clinic(calendar, weeks, once, {one: spans(4, 180) for one in SUBJECTS}, spans(1, 120), length)


def _span(start, long):
    return Span(*(datetime.fromtimestamp(60 * one, UTC) for one in (start, start + long)))


def _in_days(window, days, zone):
    edges = rules.instant(days[0], time(), zone), rules.instant(days[-1] + timedelta(days=1), time(), zone)
    return edges[0] <= window.start and window.end <= edges[1]


def _all(calendar):
    return Span(calendar.around.start - timedelta(days=2), calendar.around.end + timedelta(days=2))


def _free(clinic, within=None, by_call=None):
    days = clinic.calendar.free(clinic.taken, clinic.busy, clinic.length, within or _all(clinic.calendar), by_call)
    return [slot for day in days for slot in day.slots]


def _expected(clinic):
    """(minute, practitioner, place) → free rooms and devices there; None where none is needed."""
    found, length = {}, clinic.length
    own = set().union(*map(reference.covered, clinic.busy))
    for worker in clinic.calendar.workers:
        off = _used(clinic, worker.id, worker.away)
        for day in clinic.calendar.days:
            off |= reference.break_minutes(clinic.weeks[worker.id], day, clinic.calendar.zone)
        for place, work in _work(clinic, worker.id).items():
            shut = set().union(
                *(reference.covered(one[:2]) for one in clinic.calendar.closed if one.place_id in {None, place})
            )
            for at in reference.starts(work, clinic.calendar.step_minutes, length):
                taken = reference.blocked(at, length)
                if not taken & (off | shut) and not set(range(at, at + length.minutes)) & own:
                    things = [
                        _things(clinic, kind, place, taken) for kind in (clinic.calendar.rooms, clinic.calendar.devices)
                    ]
                    if all(one != set() for one in things):
                        found[at, worker.id, place] = things
    return found


def _work(clinic, who):
    merged = {}
    for day in clinic.calendar.days:
        found = reference.work_minutes(clinic.weeks[who], clinic.once[who], day, clinic.calendar.zone)
        for place, minutes in found.items():
            merged.setdefault(place, set()).update(minutes)
    return merged


def _used(clinic, subject, away):
    return set().union(*map(reference.covered, clinic.taken[subject]), *map(reference.covered, away))


def _things(clinic, kind, place, taken):
    if kind is None:
        return None
    return {one.id for one in kind if one.place_id in {None, place} and not taken & _used(clinic, one.id, one.away)}


def finds_what_the_reference_finds(clinic):
    slots, expected = _free(clinic), _expected(clinic)
    starts = [minute(slot.starts_at) for slot in slots]
    assert starts == sorted(set(starts)), "none comes twice, and they are in order"
    assert set(starts) == {at for at, _, _ in expected}, "none is lost, none is made up"
    for slot in slots:
        rooms, devices = expected[minute(slot.starts_at), slot.practitioner_id, slot.place_id]
        assert slot.room_id is None if rooms is None else slot.room_id in rooms
        assert slot.device_id is None if devices is None else slot.device_id in devices
        assert slot.ends_at - slot.starts_at == timedelta(minutes=clinic.length.minutes)


def nothing_booked_collides(clinic, choices):
    booked = []
    for choice in choices:
        slots = _free(clinic)
        if not slots:
            break
        slot = slots[choice % len(slots)]
        taken = clinic.length.blocks(slot.starts_at)
        for subject in filter(None, (slot.practitioner_id, slot.room_id, slot.device_id)):
            assert not any(taken.overlaps(one) for one in clinic.taken[subject]), "not even by a buffer"
            clinic.taken[subject].append(taken)
        assert not any(Span(slot.starts_at, slot.ends_at).overlaps(one) for one in clinic.busy)
        booked.append(slot)
    assert len({(one.practitioner_id, one.starts_at) for one in booked}) == len(booked)


def a_window_only_cuts(clinic, cut, wide):
    everything, calendar = _free(clinic), clinic.calendar
    middle = rules.instant(calendar.days[0], time(12), calendar.zone) + timedelta(minutes=cut)
    within = Span(middle, middle + timedelta(hours=5))
    by_call = Span(middle - timedelta(hours=wide), within.end + timedelta(hours=wide))
    days = calendar.free(clinic.taken, clinic.busy, clinic.length, within, by_call)
    assert [one for day in days for one in day.slots] == [
        one for one in everything if within.start <= one.starts_at < within.end
    ]
    assert [one for day in days for one in day.by_call] == [
        one
        for one in everything
        if by_call.start <= one.starts_at < by_call.end and not within.start <= one.starts_at < within.end
    ]
    for day in days:
        assert all(one.starts_at.astimezone(calendar.zone).date() == day.day for one in (*day.slots, *day.by_call))


@ORDINARY
@given(clinics())
def test_the_search_finds_what_a_reference_finds_minute_by_minute(clinic):
    finds_what_the_reference_finds(clinic)


@ORDINARY
@given(clinics(), st.lists(st.integers(0, 10_000), max_size=12))
def test_what_is_booked_one_after_another_never_collides(clinic, choices):
    nothing_booked_collides(clinic, choices)


@ORDINARY
@given(clinics(), st.integers(-600, 600), st.integers(0, 12))
def test_notice_and_horizon_only_cut_and_the_rest_is_by_call(clinic, cut, wide):
    a_window_only_cuts(clinic, cut, wide)


@pytest.mark.thorough
@LONG
@given(clinics())
def test_the_search_finds_what_a_reference_finds_in_many_clinics(clinic):
    finds_what_the_reference_finds(clinic)


@pytest.mark.thorough
@LONG
@given(clinics(), st.lists(st.integers(0, 10_000), max_size=30))
def test_what_is_booked_never_collides_in_many_clinics(clinic, choices):
    nothing_booked_collides(clinic, choices)


@pytest.mark.thorough
@LONG
@given(clinics(), st.integers(-600, 600), st.integers(0, 12))
def test_windows_only_cut_in_many_clinics(clinic, cut, wide):
    a_window_only_cuts(clinic, cut, wide)


@pytest.mark.parametrize("zone", sorted(CHANGES))
@pytest.mark.parametrize("opens, closes", [("00:30", "05:00"), ("09:00", "17:00"), ("21:00", "23:45")])
def test_on_every_day_of_a_year_the_local_hours_are_kept(zone, opens, closes):
    place, first = ZoneInfo(zone), CHANGES[zone][0].replace(month=1, day=1)
    days = [first + timedelta(days=count) for count in range(365)]
    wall = time.fromisoformat(opens), time.fromisoformat(closes)
    windows = rules.at_work([Hours(weekday, *wall) for weekday in range(7)], [], days, place)
    calendar = Calendar(place, days, [Worker(PEOPLE[0], "Anna", windows)], 15)
    found = [slot for day in calendar.free({}, [], Length(45), _all(calendar)) for slot in day.slots]
    starts = [slot.starts_at for slot in found]
    assert starts == sorted(set(starts))
    skipped = {date(2011, 12, 30)} if zone == "Pacific/Apia" else set()
    assert {start.astimezone(place).date() for start in starts} == set(days) - skipped
    for moment in (edge for slot in found for edge in (slot.starts_at, slot.ends_at)):
        assert wall[0] <= moment.astimezone(place).time() <= wall[1]
    changed = {day for day in days if _hours_long(day, place) != 24}
    usual = {len(one.slots) for one in calendar.free({}, [], Length(45), _all(calendar)) if one.day not in changed}
    assert len(usual) == 1, "every ordinary day offers as many"


def _hours_long(day, zone):
    span = rules.wall_span(day, None, day, None, zone)
    return (span.end - span.start) / timedelta(hours=1)
