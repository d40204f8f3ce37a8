from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.checkins import rules
from portal.checkins.rules import Limits, State
from portal.waiting.rules import Quiet

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(time(21), time(8), BERLIN)
USUAL = (6, 24, 72, 168, 336)
HOUR = timedelta(hours=1)
NOON = datetime(2027, 3, 2, 12, tzinfo=BERLIN)


def wall(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=BERLIN)


def limits(**hours) -> Limits:
    given = {"missed_after": 24, "answer_within": 4, "follow_up": 24, **hours}
    return Limits(NIGHT, **{name: HOUR * value for name, value in given.items()})


def test_each_question_opens_halfway_from_the_one_before():
    planned = rules.schedule(NOON, USUAL)
    hours = [((one.opens_at - NOON) / HOUR, (one.due_at - NOON) / HOUR) for one in planned]
    assert hours == [(3, 6), (15, 24), (48, 72), (120, 168), (252, 336)]
    assert [one.hours for one in planned] == list(USUAL)
    assert [one.next_due_at for one in planned] == [*(one.due_at for one in planned[1:]), None]


def test_hours_in_any_order_and_twice_are_each_asked_once():
    assert [one.hours for one in rules.schedule(NOON, (24, 6, 24))] == [6, 24]
    assert rules.schedule(NOON, ()) == []


def test_hours_are_hours_also_in_the_night_the_clocks_change():
    (one,) = rules.schedule(wall("2027-03-27T20:00"), (24,))
    assert one.due_at.astimezone(BERLIN) == wall("2027-03-28T21:00"), "an hour was skipped"


@pytest.mark.parametrize(
    "due, reminded",
    [
        ("2027-03-02T20:59", "2027-03-02T20:59"),
        ("2027-03-02T21:00", "2027-03-03T08:00"),
        ("2027-03-02T23:30", "2027-03-03T08:00"),
        ("2027-03-03T00:00", "2027-03-03T08:00"),
        ("2027-03-03T07:59", "2027-03-03T08:00"),
        ("2027-03-03T08:00", "2027-03-03T08:00"),
        ("2027-03-27T22:00", "2027-03-28T08:00"),  # the clocks go forward
        ("2027-10-30T22:00", "2027-10-31T08:00"),  # and back
    ],
)
def test_nobody_is_reminded_at_night(due, reminded):
    assert rules.remind_at(wall(due), NIGHT) == wall(reminded)


def test_the_same_time_twice_is_no_quiet_time():
    late = wall("2027-03-02T23:30")
    assert rules.remind_at(late, Quiet(time(8), time(8), BERLIN)) == late


def test_a_night_that_ends_in_the_hour_the_clocks_skip_ends_at_the_jump():
    due, quiet = wall("2027-03-28T01:00"), Quiet(time(22), time(2, 30), BERLIN)
    assert rules.remind_at(due, quiet).astimezone(UTC) == datetime(2027, 3, 28, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "due, following, reminded, given, missed",
    [
        (24, 72, 24, {}, 48),
        (6, 24, 6, {}, 24),  # not beyond the next question
        (336, None, 336, {}, 360),
        (24, 72, 34, {}, 48),  # reminded ten hours later, after the night
        (6, 10, 8, {}, 12),  # time to answer after the reminder comes first
        (24, 72, 200, {}, 204),  # the portal was away for a week
        (24, 72, 24, {"missed_after": 2, "answer_within": 1}, 26),
    ],
)
def test_a_question_is_missed_at_its_end_but_never_before_there_was_time(due, following, reminded, given, missed):
    next_due = NOON + HOUR * following if following else None
    found = rules.missed_at(NOON + HOUR * due, next_due, NOON + HOUR * reminded, limits(**given))
    assert (found - NOON) / HOUR == missed


@pytest.mark.parametrize(
    "answered, missed, due",
    [(None, None, 24), (30, None, 54), (None, 48, 48), (None, 30, 48), (None, 60, 60), (50, 48, 74)],
)
def test_an_open_report_is_asked_about_again_and_again(answered, missed, due):
    moments = [NOON + HOUR * one if one else None for one in (answered, missed)]
    before = 0 if not (answered or missed) else 24
    assert (rules.asked_again_at(NOON + HOUR * before, *moments, HOUR * 24) - NOON) / HOUR == due


@pytest.mark.parametrize(
    "number, is_alarm, hours", [(1, True, 24), (2, True, 24), (1, False, 24), (2, False, 72), (9, False, 72)]
)
def test_only_an_alarm_is_asked_about_every_day(number, is_alarm, hours):
    assert rules.asked_every(HOUR * 24, number, is_alarm=is_alarm) == HOUR * hours


@pytest.mark.parametrize(
    "at, known, state",
    [
        (1, {}, State.COMING),
        (3, {}, State.OPEN),
        (6, {}, State.DUE),
        (90, {}, State.DUE),
        (25, {"missed": 24}, State.MISSED),
        (25, {"answered_at": 7}, State.ANSWERED),
        (26, {"missed": 24, "answered_at": 25}, State.LATE),
        (26, {"missed": 24, "closed_at": 25}, State.CLOSED),
        (5, {"ended_at": 4}, State.ENDED),
        (30, {"missed": 24, "ended_at": 26}, State.ENDED),
    ],
)
def test_what_has_become_of_a_question(at, known, state):
    moments = {name: NOON + HOUR * hours for name, hours in known.items()}
    found = rules.state(opens_at=NOON + HOUR * 3, due_at=NOON + HOUR * 6, at=NOON + HOUR * at, **moments)
    assert found is state
    assert found.may_be_answered is (state in {State.OPEN, State.DUE, State.MISSED})


@pytest.mark.parametrize(
    "hours, name", [(6, "6-hour"), (72, "72-hour"), (95, "95-hour"), (100, "100-hour"), (168, "7-day"), (336, "14-day")]
)
def test_a_check_in_has_a_name_that_people_use(hours, name):
    assert rules.called(hours) == name


@pytest.mark.parametrize(
    "then, words",
    [
        ("2027-03-02T00:01", "today"),
        ("2027-03-01T23:59", "yesterday"),
        ("2027-02-28T12:00", "on Sunday"),
        ("2027-02-24T12:00", "on Wednesday"),
        ("2027-02-23T12:00", "on 23 February"),
    ],
)
def test_a_day_is_said_as_people_say_it(then, words):
    assert rules.day_in_words(wall(then), NOON, BERLIN) == words
