"""Limits that all processes share."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import TooMany
from portal.kit.limits import Hit, allowed, spend


def tries(engine, count: int, who: str = "alice", **options) -> list[bool]:
    answers = []
    for _ in range(count):
        with transaction(engine) as db:
            answers.append(allowed(db, "door", who, **{"limit": 3, "seconds": 60, **options}))
    return answers


def test_so_many_and_no_more(engine):
    assert tries(engine, 5) == [True, True, True, False, False]
    assert tries(engine, 1, who="bob") == [True], "others are not touched"


def test_after_a_while_one_may_again(engine):
    tries(engine, 5)
    with clock.travelled(timedelta(seconds=121)):
        assert tries(engine, 3) == [True, True, True]


def test_the_edge_of_a_window_gives_nobody_twice_as_much(engine):
    moment = clock.now().timestamp()
    with clock.travelled(timedelta(seconds=60 - moment % 60 - 1)):
        assert tries(engine, 3) == [True, True, True]
    with clock.travelled(timedelta(seconds=60 - moment % 60 + 1)):
        assert sum(tries(engine, 3)) <= 1


def test_many_at_once_are_all_counted(engine):
    together, answers = threading.Barrier(10), []

    def one() -> None:
        together.wait()
        answers.extend(tries(engine, 2, limit=5))

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 20
    assert sum(answers) == 5


def test_too_many_says_when_to_try_again(engine):
    with transaction(engine) as db:
        for _ in range(2):
            spend(db, "door", "alice", limit=2, seconds=900)
        with pytest.raises(TooMany, match="in about 15 minutes"):
            spend(db, "door", "alice", limit=2, seconds=900)
        spend(db, "other", "alice", limit=1, seconds=60)
        with pytest.raises(TooMany, match="1 minute"):
            spend(db, "other", "alice", limit=1, seconds=60)


def test_no_address_and_no_name_is_kept(engine):
    tries(engine, 1, who="alice@example.test")
    with transaction(engine, write=False) as db:
        assert "alice" not in repr(db.exec(select(Hit)).all())
