"""Who may go next: in order, one of each person, and nobody waits for ever."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from portal.kit import turns as module
from portal.kit.turns import NoTurn, Turns


@pytest.fixture
def pool():
    with ThreadPoolExecutor(20) as made:
        yield made


@pytest.fixture
def hold(pool):
    """Blocks during which a thread of its own has the turn, for the person who is named."""

    @contextmanager
    def held(turns, whose=None):
        has, enough = Event(), Event()

        def keep():
            with turns.taken(whose):
                has.set()
                enough.wait(20)

        done = pool.submit(keep)
        assert has.wait(5)
        yield
        enough.set()
        done.result(5)

    return held


def wait_until(condition):
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    assert condition()


def took(turns, whose, patience):
    try:
        with turns.taken(whose, patience):
            return True
    except NoTurn:
        return False


def test_a_wait_has_an_end(hold):
    turns, began = Turns(1), time.monotonic()
    with hold(turns, "Alice"), pytest.raises(NoTurn), turns.taken("Bob", 0.1):
        pass
    assert 0.1 <= time.monotonic() - began < 30
    assert took(turns, "Bob", 0.1), "who gave up leaves nothing behind"


def test_one_person_never_takes_two_places(hold):
    turns = Turns(2)
    with hold(turns, "Alice"):
        assert not took(turns, "Alice", 0.05)
        assert took(turns, "Bob", 0.05)
    assert took(turns, "Alice", 0.05)


def test_nobodys_work_takes_any_place(hold):
    turns = Turns(2)
    with hold(turns), hold(turns):
        assert not took(turns, None, 0.05)


def test_of_one_person_few_wait_and_the_next_is_told_at_once(hold, pool):
    turns = Turns(2)
    with hold(turns, "Alice"):
        waiting = [pool.submit(took, turns, "Alice", 20) for _ in range(module.MOST_OF_ONE)]
        wait_until(lambda: len(turns._line) == module.MOST_OF_ONE)
        began = time.monotonic()
        assert not took(turns, "Alice", 20)
        assert took(turns, "Bob", 20)
        assert time.monotonic() - began < 5
    assert all(one.result(5) for one in waiting)


def test_of_all_people_few_wait(hold, pool):
    turns = Turns(1)
    with hold(turns, "Alice"):
        waiting = [pool.submit(took, turns, number, 20) for number in range(module.MOST_WAITING)]
        wait_until(lambda: len(turns._line) == module.MOST_WAITING)
        assert not took(turns, "Bob", 20)
    assert all(one.result(5) for one in waiting)


def test_who_came_first_goes_first_and_who_may_not_lets_others_pass(hold, pool):
    turns, went = Turns(2), []

    def go(whose):
        with turns.taken(whose, 20):
            went.append(whose)

    with hold(turns, "Alice"):
        with hold(turns, "Bob"):
            for number, whose in enumerate(("Alice", "Charlie", "Dana")):
                pool.submit(go, whose)
                wait_until(lambda number=number: len(turns._line) == number + 1)
        wait_until(lambda: len(went) == 2)
        assert went == ["Charlie", "Dana"]
    wait_until(lambda: went[2:] == ["Alice"])
