"""The order of the queue."""

from datetime import UTC, datetime, timedelta

from portal.worklist.rules import Kind, Rank, Waiting, in_order

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
