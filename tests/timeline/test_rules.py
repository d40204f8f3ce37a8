"""What is normal on this day, what is due, and how far the course is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.timeline import rules
from portal.timeline.rules import Standing

NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)
IDLE = Standing(
    has_answers=True,
    has_yes=True,
    has_consultation=False,
    in_course=False,
    has_next_session=False,
    last_session=None,
    last_report=None,
    last_photo_on=None,
    undated_photos=0,
)


@pytest.mark.parametrize(
    "hours, when",
    [
        (0, "First day"),
        (23.9, "First day"),
        (24, "Days 2 and 3"),
        (72, "Days 4 to 7"),
        (168, "After a week"),
        (336, "After a week"),
    ],
)
def test_the_window_follows_the_hours(hours, when):
    assert rules.window_at(NOW - timedelta(hours=hours), NOW).when == when


@pytest.mark.parametrize("last", [None, NOW - timedelta(days=15), NOW + timedelta(hours=1)])
def test_without_a_recent_session_there_is_no_window(last):
    assert rules.window_at(last, NOW) is None


@pytest.mark.parametrize(
    "change, routes",
    [
        ({}, []),
        ({"has_answers": False}, ["suitability:health"]),
        ({"has_yes": False}, ["bookings:choose"]),
        ({"has_yes": False, "has_consultation": True}, []),
        ({"in_course": True, "last_photo_on": NOW.date()}, ["bookings:mine"]),
        ({"in_course": True, "has_next_session": True}, ["photos:new"]),
        ({"in_course": True, "has_next_session": True, "last_photo_on": NOW.date() - timedelta(days=27)}, []),
        (
            {"in_course": True, "has_next_session": True, "last_photo_on": NOW.date() - timedelta(days=28)},
            ["photos:new"],
        ),
        ({"undated_photos": 1}, ["photos:undated"]),
        ({"last_session": NOW - timedelta(hours=5)}, []),
        ({"last_session": NOW - timedelta(hours=6)}, ["side_effects:new"]),
        ({"last_session": NOW - timedelta(hours=30), "last_report": NOW - timedelta(hours=3)}, []),
        ({"last_session": NOW - timedelta(hours=30), "last_report": NOW - timedelta(days=40)}, ["side_effects:new"]),
        ({"last_session": NOW - timedelta(days=15)}, []),
    ],
)
def test_what_is_due(change, routes):
    assert [due.route for due in rules.due(replace(IDLE, **change), NOW)] == routes


def test_the_course_shows_done_booked_and_planned():
    stops = rules.stops(4, done={1: NOW}, booked={2: NOW + timedelta(days=28)})
    assert [(stop.number, stop.state) for stop in stops] == [(1, "done"), (2, "now"), (3, "next"), (4, "next")]


@pytest.mark.parametrize(
    "hour, words", [(4, "Good evening"), (5, "Good morning"), (12, "Good afternoon"), (18, "Good evening")]
)
def test_the_greeting_follows_the_clock(hour, words):
    assert rules.greeting(hour) == words
