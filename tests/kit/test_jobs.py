"""Background work: once per key, retried later and later, given up in the end, safe with several workers."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.jobs import LEASE, MAX_ATTEMPTS, Job, JobState, Surroundings, Worker, enqueue


class Handlers:
    """Real handlers that note what they did, and fail when told to."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.fails = False
        self.at_work, self.may_go_on = threading.Event(), threading.Event()

    def note(self, _: Surroundings, payload: dict[str, str]) -> None:
        if self.fails:
            raise OSError("a server is away")
        self.done.append(payload["what"])

    def slow(self, _: Surroundings, payload: dict[str, str]) -> None:
        self.at_work.set()
        self.may_go_on.wait(20)
        self.done.append(payload["what"])


@pytest.fixture
def handlers():
    return Handlers()


@pytest.fixture
def worker(engine, handlers):
    return another(engine, handlers)


def another(engine, handlers) -> Worker:
    return Worker(Surroundings(engine, None), {"note": handlers.note, "slow": handlers.slow})


def ask(engine, key: str, kind: str = "note", **options) -> bool:
    with transaction(engine) as db:
        return enqueue(db, kind, key, {"what": key}, **options)


def job(engine, key: str) -> Job:
    with transaction(engine, write=False) as db:
        return db.exec(select(Job).where(Job.key == key)).one()


def test_the_same_key_is_done_once(engine, worker, handlers):
    assert ask(engine, "a")
    assert not ask(engine, "a")
    assert worker.run_all() == 1
    assert not ask(engine, "a"), "also after it was done"
    assert worker.run_all() == 0
    assert handlers.done == ["a"]
    assert job(engine, "a").state is JobState.DONE


def test_work_of_a_transaction_that_failed_is_never_done(engine, worker, handlers):
    with pytest.raises(ZeroDivisionError), transaction(engine) as db:  # noqa: PT012 - the whole unit of work
        enqueue(db, "note", "lost", {"what": "lost"})
        _ = 1 / 0
    worker.run_all()
    assert handlers.done == []
    assert ask(engine, "lost"), "the key is free again"


def test_work_waits_for_its_time(engine, worker, handlers):
    ask(engine, "tomorrow", at=clock.now() + timedelta(days=1))
    assert worker.run_all() == 0
    with clock.travelled(timedelta(days=1, seconds=1)):
        assert worker.run_all() == 1
    assert handlers.done == ["tomorrow"]


def test_what_fails_is_tried_later_and_later_and_given_up_in_the_end(engine, worker, handlers):
    handlers.fails = True
    ask(engine, "a")
    waits, passed = [], timedelta(0)
    for _ in range(MAX_ATTEMPTS):
        with clock.travelled(passed):
            begun = clock.now()
            assert worker.run_all() == 1, "once, and not again at once"
            waits.append((job(engine, "a").run_at - begun).total_seconds())
        passed += timedelta(seconds=waits[-1] + 1)
    assert all(min(2**number, 900) <= wait < 2**number + 2 for number, wait in enumerate(waits, start=1))
    assert passed > timedelta(hours=2), "a mail server may be away for an hour"
    stored = job(engine, "a")
    assert (stored.state, stored.attempts) == (JobState.FAILED, MAX_ATTEMPTS)
    assert "OSError" in stored.error
    with clock.travelled(passed + timedelta(days=9)):
        assert worker.run_all() == 0


def test_what_failed_once_may_go_well_the_next_time(engine, worker, handlers):
    handlers.fails = True
    ask(engine, "a")
    worker.run_all()
    handlers.fails = False
    with clock.travelled(timedelta(seconds=5)):
        worker.run_all()
    assert handlers.done == ["a"]
    assert (job(engine, "a").state, job(engine, "a").error) == (JobState.DONE, None)


def test_one_bad_job_stops_no_other(engine, worker, handlers):
    ask(engine, "unknown", kind="nobody knows how")
    ask(engine, "known")
    worker.run_all()
    assert handlers.done == ["known"]
    assert "KeyError" in job(engine, "unknown").error


def test_work_of_a_worker_that_died_is_taken_over(engine, worker, handlers):
    ask(engine, "a")
    assert another(engine, handlers)._claim() is not None, "claims it, and dies"
    assert worker.run_all() == 0, "the lease still runs"
    with clock.travelled(LEASE + timedelta(seconds=1)):
        assert worker.run_all() == 1
    assert handlers.done == ["a"]


def test_a_worker_that_was_thought_dead_cannot_undo_what_another_did(engine, worker, handlers):
    ask(engine, "a")
    slow = another(engine, handlers)
    claimed = slow._claim()
    with clock.travelled(LEASE + timedelta(seconds=1)):
        worker.run_all()
    slow._finish(claimed, "I failed")
    assert job(engine, "a").state is JobState.DONE


def test_work_that_kills_its_worker_each_time_is_given_up(engine, worker, handlers):
    ask(engine, "poison")
    for attempt in range(MAX_ATTEMPTS):
        with clock.travelled((LEASE + timedelta(seconds=1)) * attempt):
            assert another(engine, handlers)._claim() is not None
    with clock.travelled((LEASE + timedelta(seconds=1)) * MAX_ATTEMPTS):
        worker.run_all()
    assert handlers.done == []
    assert job(engine, "poison").state is JobState.FAILED


def test_two_workers_share_the_work_and_do_none_twice(engine, handlers):
    for number in range(20):
        ask(engine, f"{number:02}")
    workers = [threading.Thread(target=another(engine, handlers).run_all) for _ in range(3)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join(60)
    assert sorted(handlers.done) == [f"{number:02}" for number in range(20)]


def test_work_in_hand_holds_no_lock(engine, worker, handlers):
    ask(engine, "slow", kind="slow")
    at_work = threading.Thread(target=worker.run_all)
    at_work.start()
    assert handlers.at_work.wait(20)
    assert ask(engine, "meanwhile")
    assert another(engine, handlers).run_one()
    assert handlers.done == ["meanwhile"]
    handlers.may_go_on.set()
    at_work.join(20)
    assert handlers.done == ["meanwhile", "slow"]


def test_a_worker_wakes_when_there_is_work_and_stops_when_told(engine, worker, handlers):
    running = threading.Thread(target=worker.run_forever, kwargs={"pause": 0.05})
    running.start()
    try:
        ask(engine, "a")
        waiting = threading.Event()
        for _ in range(200):
            if handlers.done:
                break
            waiting.wait(0.05)
    finally:
        worker.stopping.set()
        running.join(20)
    assert handlers.done == ["a"]
    assert not running.is_alive()


def test_the_payload_holds_what_was_given(db: Session):
    enqueue(db, "note", "k", {"id": "1"})
    assert db.exec(select(Job)).one().payload == {"id": "1"}


def test_what_can_wait_lets_everything_else_go_first(engine, handlers):
    worker = Worker(Surroundings(engine, None), {"note": handlers.note, "slow": handlers.note}, patient=["slow"])
    ask(engine, "long", "slow", at=clock.now() - timedelta(minutes=1))
    ask(engine, "quick")
    worker.run_all()
    assert handlers.done == ["quick", "long"]
