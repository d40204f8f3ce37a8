"""Two workers as processes of their own, killed at any moment: every step is done once for each person, none missing.

They come from a process that has imported everything, so that the next one is there at once.
"""

import multiprocessing
import time
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlmodel import col, func, select

from portal.escalations.models import Escalation, EscalationNotice
from portal.kit.db import transaction
from portal.kit.jobs import Job, JobState
from tests.make_escalations import FAST, policy, unrung, work, wrongs

RINGS = [(0, "Bob"), (1, "Erin"), (2, "Bob"), (2, "Erin")]
LONGEST = 0.6  # seconds a worker lives after another was killed, at most
PATIENCE = 120  # seconds until two workers that nobody kills must be through


class Two:
    """Two workers on one database; whoever is killed has a successor."""

    def __init__(self, address: str) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["portal.app", "tests.make_escalations"])
        self._about = (address, time.time())
        self._running = [self._start() for _ in range(2)]

    def kill(self, place: int) -> int:
        """`kill -9`, and another one in its place; returns the pid of the dead."""
        dead = self._running[place]
        dead.kill()
        dead.join(10)
        self._running[place] = self._start()
        return dead.pid

    def end(self) -> None:
        for one in self._running:
            one.kill()
            one.join(10)

    def _start(self):
        made = self._context.Process(target=work, args=self._about, daemon=True)
        made.start()
        return made


@pytest.fixture
def two(engine):
    made = Two(engine.url.render_as_string(hide_password=False))
    yield made
    made.end()


@pytest.mark.parametrize("kills, reports", [(4, 16), pytest.param(50, 150, marks=pytest.mark.thorough)])
def test_every_step_is_done_once_however_often_a_worker_is_killed(engine, alice, two, kills, reports):
    random = Random(kills)
    with transaction(engine) as db:
        policy(db, urgent_next_minutes=1, urgent_all_minutes=2, urgent_due_minutes=3)
        until_the_last_kill = timedelta(seconds=kills * (LONGEST + 0.1) / 2 * FAST)
        ids = unrung(db, alice, reports, datetime.now(UTC) + timedelta(minutes=1), until_the_last_kill / reports)
    at_work = 0
    for _ in range(kills):
        time.sleep(random.uniform(0.05, LONGEST))
        at_work += was_at_work(engine, two.kill(random.randrange(2)))
    wait_until_done(engine, ids)
    with transaction(engine, write=False) as db:
        assert wrongs(db, ids, RINGS) == []
    print(f"{kills} kills, {at_work} of them amid a job; {reports} reports, {reports * len(RINGS)} notices")
    assert at_work or kills < 50, "no kill hit a worker at work: this proves nothing"


def was_at_work(engine, pid: int) -> bool:
    """Whether a job of the dead is still marked as its own."""
    with transaction(engine, write=False) as db:
        mine = col(Job.owner).startswith(f"{pid}-")
        return db.exec(select(Job.id).where(mine, Job.state == JobState.RUNNING)).first() is not None


def wait_until_done(engine, ids) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with transaction(engine, write=False) as db:
            left = db.exec(select(func.count()).where(col(Escalation.next_at).is_not(None))).one()
            told = db.exec(select(func.count()).select_from(EscalationNotice)).one()
        if not left and told >= len(ids) * len(RINGS):
            return
        time.sleep(0.2)
