"""What is normal on this day, and how far the course is."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.timeline import rules

NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)


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


def test_the_course_shows_done_booked_and_planned():
    stops = rules.stops(4, done={1: NOW}, booked={2: NOW + timedelta(days=28)})
    assert [(stop.number, stop.state) for stop in stops] == [(1, "done"), (2, "now"), (3, "next"), (4, "next")]


def test_a_booked_session_on_hold_is_no_ordinary_one():
    booked = {2: NOW + timedelta(days=1), 3: NOW + timedelta(days=29)}
    stops = rules.stops(3, done={1: NOW}, booked=booked, on_hold={1, 3})
    assert [stop.state for stop in stops] == ["done", "now", "hold"], "what is done is done"


@pytest.mark.parametrize(
    "hour, words", [(4, "Good evening"), (5, "Good morning"), (12, "Good afternoon"), (18, "Good evening")]
)
def test_the_greeting_follows_the_clock(hour, words):
    assert rules.greeting(hour) == words
