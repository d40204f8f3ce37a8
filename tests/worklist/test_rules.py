"""The order of the queue."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.worklist.rules import Kind, Rank, Waiting, in_order, rank_of_change

NOW = datetime(2026, 3, 28, tzinfo=UTC)


def one(rank: Rank, hours: int) -> Waiting:
    return Waiting(rank, Kind.MESSAGES, NOW - timedelta(hours=hours), "", "", "", "", (), "", "", "")


def test_urgent_comes_before_everything_that_waits_longer():
    urgent, old = one(Rank.URGENT, 0), one(Rank.ENQUIRY, 500)
    assert in_order([old, urgent]) == [urgent, old]


def test_among_equals_the_one_that_waits_longest_comes_first():
    long, short = one(Rank.PHOTOS, 9), one(Rank.PHOTOS, 1)
    assert in_order([short, long]) == [long, short]


def test_the_ranks_stand_in_the_order_of_harm():
    shuffled = [one(rank, 1) for rank in reversed(Rank)]
    assert [waiting.rank for waiting in in_order(shuffled)] == list(Rank)


def test_the_soonest_session_comes_first_whatever_waits_longer():
    soon, later = (replace(one(Rank.ON_HOLD, hours), soon=NOW + timedelta(hours=hours)) for hours in (1, 9))
    assert in_order([later, soon]) == [soon, later]


@pytest.mark.parametrize(
    "hours, rank", [(-1, Rank.CHANGE_SOON), (48, Rank.CHANGE_SOON), (48.1, Rank.CHANGE), (500, Rank.CHANGE)]
)
def test_a_change_is_pressing_within_two_days(hours, rank):
    assert rank_of_change(NOW + timedelta(hours=hours), NOW) is rank


def test_pressing_changes_and_countersignatures_come_before_messages_others_after():
    order = [
        Rank.WITHIN_A_DAY,
        Rank.ON_HOLD,
        Rank.HEALTH,
        Rank.CHANGE_SOON,
        Rank.COUNTERSIGN,
        Rank.MESSAGE,
        Rank.CHANGE,
    ]
    assert sorted(order) == order
