from datetime import date

import pytest

from portal.courses.rules import interval_problem, review_problem, sessions_problem

TODAY = date(2026, 6, 15)


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
