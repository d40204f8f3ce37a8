from datetime import date, timedelta

import pytest

from portal.courses.rules import (
    interval_problem,
    numbers_problem,
    plan,
    review_problem,
    scope_problem,
    sessions_problem,
)

TODAY = date(2026, 6, 15)
DAY = timedelta(days=1)


@pytest.mark.parametrize("days, fine", [(27, False), (28, True), (42, True)])
def test_a_course_rests_at_least_as_long_as_its_treatment(days, fine):
    assert (interval_problem(days, 28) is None) is fine


@pytest.mark.parametrize("planned, fine", [(6, True), (7, False)])
def test_a_course_stays_within_the_verdict(planned, fine):
    assert (sessions_problem(planned, 6) is None) is fine


def test_one_session_is_not_said_in_the_plural():
    assert sessions_problem(2, 1) == "The verdict covers 1 session. Plan fewer, or sign a new verdict."


@pytest.mark.parametrize(
    "day, fine",
    [(TODAY, False), (date(2026, 6, 16), True), (date(2027, 6, 16), True), (date(2027, 6, 17), False)],
)
def test_the_review_is_ahead_and_within_a_year(day, fine):
    assert (review_problem(day, TODAY) is None) is fine


def windows(*known, sessions=3):
    return [(step.number, step.opens, step.closes) for step in plan(sessions, 28, 7, known)]


def test_a_plan_counts_from_its_first_day():
    assert windows(TODAY) == [(n + 1, TODAY + n * 28 * DAY, TODAY + (n * 28 + 7) * DAY) for n in range(3)]


def test_what_follows_counts_from_the_last_known_day():
    late = TODAY + 40 * DAY
    assert [opens for _, opens, _ in windows(TODAY, late)] == [TODAY, late, late + 28 * DAY]


def test_a_plan_has_as_many_sessions_as_were_agreed():
    known = [TODAY + n * 28 * DAY for n in range(4)]
    assert [number for number, _, _ in windows(*known)] == [1, 2, 3]
    assert windows(TODAY, sessions=1) == [(1, TODAY, TODAY + 7 * DAY)]


@pytest.mark.parametrize("numbers, problem", [([], False), ([1, 6], False), ([0], True), ([3, 7], True)])
def test_photos_and_reviews_belong_to_sessions_of_the_course(numbers, problem):
    assert (numbers_problem(numbers, 6) is not None) is problem


def test_the_wrong_number_is_named():
    assert numbers_problem([1, 7, 8], 6) == "There is no session 7 in a course of 6."


@pytest.mark.parametrize(
    "zones, depth, words",
    [
        (["frontal"], 1.5, None),
        ([], None, None),
        (["frontal", "vertex"], None, None),
        (["frontal", "back"], None, "does not cover all of these areas"),
        (["frontal"], 1.55, "allows up to 1.5 mm"),
    ],
)
def test_a_plan_stays_within_the_areas_and_the_depth_of_the_verdict(zones, depth, words):
    problem = scope_problem(zones, depth, ["frontal", "vertex"], 1.5)
    assert problem is None if words is None else words in problem
