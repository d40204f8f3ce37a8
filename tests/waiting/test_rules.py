from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from portal.waiting import rules
from portal.waiting.rules import CELLS, EndReason, Happened, Quiet, Waiting, Wish

BERLIN = ZoneInfo("Europe/Berlin")
BOB, ERIN = UUID(int=1), UUID(int=2)
NIGHT = Quiet(time(21), time(8), BERLIN)
TWO_HOURS = timedelta(hours=2)
TUESDAY = datetime(2026, 3, 10, 10, tzinfo=BERLIN)
LATER = TUESDAY + timedelta(days=20)


def berlin(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    "wall, cell",
    [
        ("2026-03-09T00:00", "0:morning"),
        ("2026-03-09T11:59", "0:morning"),
        ("2026-03-09T12:00", "0:afternoon"),
        ("2026-03-14T16:45", "5:afternoon"),
        ("2026-03-15T17:00", "6:evening"),
        ("2026-03-15T23:59", "6:evening"),
    ],
)
def test_each_time_of_the_week_is_in_one_cell(wall, cell):
    assert rules.cell_of(berlin(wall)) == cell
    assert cell in CELLS


def test_there_are_three_parts_of_seven_days():
    assert len(set(CELLS)) == 21


@pytest.mark.parametrize(
    "wish, misfit",
    [
        (Wish(), None),
        (Wish(practitioner_ids=frozenset({BOB})), None),
        (Wish(practitioner_ids=frozenset({ERIN})), "Wants another practitioner."),
        (Wish(practitioner_ids=frozenset({ERIN, BOB})), None),
        (Wish(cells=frozenset({"1:morning"})), None),
        (Wish(cells=frozenset({"1:afternoon", "2:morning"})), "Cannot come at this time of the week."),
        (Wish(not_before=date(2026, 3, 10), not_after=date(2026, 3, 10)), None),
        (Wish(not_before=date(2026, 3, 11)), "Wants a later day."),
        (Wish(not_after=date(2026, 3, 9)), "Wants an earlier day."),
        (Wish(earlier_than=TUESDAY + timedelta(minutes=1)), None),
        (Wish(earlier_than=TUESDAY), "Has an earlier time already."),
    ],
)
def test_a_time_suits_a_wish_or_the_team_reads_why_not(wish, misfit):
    assert wish.misfit(BOB, TUESDAY, BERLIN) == misfit


def test_the_clock_on_the_clinics_wall_decides_which_part_of_the_day_it_is():
    eleven_in_utc = datetime(2026, 3, 10, 11, 30, tzinfo=UTC)
    wish = Wish(cells=frozenset({"1:afternoon"}))
    assert wish.misfit(BOB, eleven_in_utc, BERLIN) is None
    assert wish.misfit(BOB, eleven_in_utc, ZoneInfo("Atlantic/Azores")) is not None


def test_who_has_waited_longest_is_first_and_whom_it_does_not_suit_is_not_in_line():
    first, second, other = (
        Waiting(uuid4(), TUESDAY - timedelta(days=days), wish)
        for days, wish in ((9, Wish()), (3, Wish()), (20, Wish(practitioner_ids=frozenset({ERIN}))))
    )
    assert rules.line([second, other, first], BOB, [TUESDAY], BERLIN) == [first, second]


def test_a_long_free_time_suits_whoever_can_come_within_it():
    after_lunch = Waiting(uuid4(), TUESDAY, Wish(cells=frozenset({"1:afternoon"})))
    quarter_past, noon = TUESDAY + timedelta(minutes=105), TUESDAY + timedelta(hours=2)
    assert rules.line([after_lunch], BOB, [TUESDAY, quarter_past, noon], BERLIN) == [after_lunch]
    assert rules.line([after_lunch], BOB, [TUESDAY, quarter_past], BERLIN) == []


@pytest.mark.parametrize(
    "wish, happened, reason",
    [
        (Wish(), Happened(), None),
        (Wish(), Happened(is_active=False), EndReason.CLOSED),
        (Wish(not_after=date(2026, 3, 10)), Happened(), None),
        (Wish(not_after=date(2026, 3, 9)), Happened(), EndReason.OVER),
        (Wish(), Happened(swap_was=LATER, swap_is=LATER), None),
        (Wish(), Happened(swap_was=LATER, swap_is=None), None),
        (Wish(), Happened(swap_was=LATER, swap_is=LATER + timedelta(days=1)), None),
        (Wish(), Happened(swap_was=LATER, swap_is=LATER - timedelta(days=1)), EndReason.BOOKED),
        (Wish(), Happened(swap_was=TUESDAY, swap_is=TUESDAY), EndReason.OVER),
        (Wish(), Happened(booked=[(BOB, LATER)]), EndReason.BOOKED),
        (Wish(practitioner_ids=frozenset({ERIN})), Happened(booked=[(BOB, LATER)]), None),
        (Wish(practitioner_ids=frozenset({ERIN})), Happened(booked=[(BOB, LATER), (ERIN, LATER)]), EndReason.BOOKED),
        (Wish(earlier_than=LATER), Happened(booked=[(BOB, LATER)], swap_was=LATER, swap_is=LATER), None),
    ],
)
def test_waiting_ends_when_there_is_nothing_to_wait_for(wish, happened, reason):
    assert rules.ending(wish, happened, TUESDAY, BERLIN) is reason


@pytest.mark.parametrize(
    "at, starts_at, by",
    [
        ("2026-03-10T10:00", "2026-03-12T10:00", "2026-03-10T12:00"),
        ("2026-03-10T19:00", "2026-03-12T10:00", "2026-03-10T21:00"),  # to the minute in which it becomes quiet
        ("2026-03-10T20:00", "2026-03-12T10:00", "2026-03-11T09:00"),  # an hour today, an hour tomorrow
        ("2026-03-10T23:00", "2026-03-12T10:00", "2026-03-11T10:00"),
        ("2026-03-11T03:00", "2026-03-12T10:00", "2026-03-11T10:00"),
        ("2026-03-10T10:00", "2026-03-10T13:00", "2026-03-10T11:00"),  # never later than two hours before
        ("2026-03-10T10:00", "2026-03-10T12:30", "2026-03-10T10:30"),
        ("2026-03-10T10:00", "2026-03-10T12:29", None),  # less than half an hour to answer
        ("2026-03-10T10:00", "2026-03-10T09:00", None),
        ("2026-03-10T20:00", "2026-03-11T09:00", "2026-03-10T21:00"),  # two hours before is in the night
        ("2026-03-10T20:45", "2026-03-11T09:30", None),
        ("2026-03-28T20:00", "2026-03-30T10:00", "2026-03-29T09:00"),  # the clocks go forward in this night
        ("2026-10-24T20:00", "2026-10-26T10:00", "2026-10-25T09:00"),  # and back in this one
    ],
)
def test_an_answer_is_due_in_waking_hours_and_well_before_the_time(at, starts_at, by):
    found = rules.answer_by(berlin(at), berlin(starts_at), TWO_HOURS, NIGHT)
    assert found == (berlin(by).astimezone(UTC) if by else None)


def test_a_clinic_may_ask_for_an_answer_within_less_than_half_an_hour():
    at = berlin("2026-03-10T10:00")
    assert rules.answer_by(at, at + timedelta(days=1), timedelta(minutes=15), NIGHT) == at + timedelta(minutes=15)


def test_more_time_than_a_day_has_waking_hours_goes_on_after_the_night():
    at = berlin("2026-03-10T08:00")
    found = rules.answer_by(at, at + timedelta(days=9), timedelta(hours=26), NIGHT)
    assert found == berlin("2026-03-11T21:00")


@pytest.mark.parametrize(
    "quiet, at, is_quiet",
    [
        (NIGHT, "2026-03-10T20:59", False),
        (NIGHT, "2026-03-10T21:00", True),
        (NIGHT, "2026-03-11T07:59", True),
        (NIGHT, "2026-03-11T08:00", False),
        (Quiet(time(12), time(14), BERLIN), "2026-03-11T13:00", True),
        (Quiet(time(12), time(14), BERLIN), "2026-03-11T21:00", False),
        (Quiet(time(8), time(8), BERLIN), "2026-03-11T08:00", False),
    ],
)
def test_quiet_hours_hold_over_midnight_or_not_at_all(quiet, at, is_quiet):
    assert quiet.holds(berlin(at)) is is_quiet


def test_without_quiet_hours_an_answer_is_due_at_any_time():
    at = berlin("2026-03-10T22:00")
    assert rules.answer_by(at, at + timedelta(days=2), TWO_HOURS, Quiet(time(0), time(0), BERLIN)) == at + TWO_HOURS


@pytest.mark.parametrize(
    "cells, words",
    [
        ([], "Any day, any time"),
        (CELLS, "Any day, any time"),
        (["0:morning"], "Monday: morning"),
        (["0:morning", "1:morning", "1:evening"], "Monday: morning; Tuesday: morning and evening"),
        (["4:evening", "4:morning", "4:afternoon"], "Friday: all day"),
        ([f"{day}:morning" for day in range(7)], "Every day: morning"),
        ([f"{day}:morning" for day in (0, 1, 2, 4, 5)], "Monday to Wednesday, Friday, Saturday: morning"),
    ],
)
def test_what_suits_is_said_in_words(cells, words):
    assert rules.in_words(cells) == words
