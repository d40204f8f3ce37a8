"""Background work: a row written in the caller's transaction, run at least once, retried, fenced by a lease.

A `key` names the piece of work: enqueueing the same key twice runs it once. Handlers re-check the state they find.
"""

import itertools
import logging
import os
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from portal.kit import clock
from portal.kit.db import Row, afterwards, enum_type, insert_once, transaction

log = logging.getLogger("portal.jobs")
T = TypeVar("T")
MAX_ATTEMPTS = 20  # nearly three hours: a mail server may be away for one
LEASE = timedelta(minutes=2)
_LONGEST_WAIT = 900


class JobState(StrEnum):
    """`failed` is final: an admin sees it and may try again."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Row, table=True):
    """One piece of work. The payload holds ids, never words of a person."""

    key: str = Field(unique=True, max_length=200)
    kind: str = Field(max_length=60)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    run_at: datetime = Field(default_factory=clock.now)
    attempts: int = 0
    state: JobState = Field(default=JobState.READY, sa_type=enum_type(JobState))
    lease_until: datetime | None = None
    owner: str | None = Field(default=None, max_length=60)
    error: str | None = Field(default=None, max_length=500)

    __table_args__ = (sa.Index("ix_job_due", "state", "run_at"),)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a handler may need besides the database: the composition root's engine, mailer, storage, settings."""

    engine: sa.Engine
    app: Any


Handler = Callable[[Surroundings, dict[str, Any]], object]
_wake = threading.Event()


def enqueue(
    db: Session, kind: str, key: str, payload: Mapping[str, Any] | None = None, at: datetime | None = None
) -> bool:
    """Write the job in the caller's transaction; False when this key was there before."""
    job = Job(kind=kind, key=key, payload=dict(payload or {}), run_at=at or clock.now())
    afterwards(db, lambda _: _wake.set())
    return insert_once(db, Job.__table__, job.model_dump(), "key")  # type: ignore[attr-defined]


def each(items: Iterable[T], act: Callable[[T], object]) -> None:
    """Act on every item even when one fails; raises the last failure at the end, the others are in the log."""
    failed: Exception | None = None
    for item in items:
        try:
            act(item)
        except Exception as error:
            log.exception("one of many failed")
            failed = error
    if failed:
        raise failed


class Worker:
    """Claims one due job at a time. Several may run in any number of processes. `patient`: kinds that take long and let
    everything else go first, so that no e-mail waits behind them.
    """

    def __init__(
        self, surroundings: Surroundings, handlers: Mapping[str, Handler], patient: Collection[str] = ()
    ) -> None:
        self.surroundings, self.handlers, self.patient = surroundings, handlers, sorted(patient)
        self.owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.stopping = threading.Event()

    def run_forever(self, pause: float = 1.0) -> None:
        """Work until `stopping` is set; a failure of the database itself is logged and waited out."""
        while not self.stopping.is_set():
            try:
                busy = self.run_one()
            except Exception:
                log.exception("worker")
                busy = False
            if not busy:
                _wake.wait(pause)
                _wake.clear()

    def run_all(self, limit: int = 1000) -> int:
        """Run everything that is due now; for tests, the demo and the command line. Returns how many ran."""
        return sum(1 for _ in itertools.takewhile(lambda _: self.run_one(), range(limit)))

    def run_one(self) -> bool:
        job = self._claim()
        if job is None:
            return False
        try:
            self.handlers[job.kind](self.surroundings, job.payload)
        except Exception as error:  # noqa: BLE001 - the worker loop: every failure is kept and tried again
            log.warning(
                "job failed",
                extra={"kind": job.kind, "job": job.id, "attempt": job.attempts, "why": type(error).__name__},
            )
            self._finish(job, f"{type(error).__name__}: {error}"[:500])
        else:
            self._finish(job, None)
        return True

    def _claim(self) -> Job | None:
        now = clock.now()
        ready = sa.and_(col(Job.state) == JobState.READY, col(Job.run_at) <= now)
        lost = sa.and_(col(Job.state) == JobState.RUNNING, col(Job.lease_until) < now)
        can_wait = col(Job.kind).in_(self.patient)
        due = select(Job).where(sa.or_(ready, lost)).order_by(can_wait, col(Job.run_at)).limit(1)
        with transaction(self.surroundings.engine, write=False) as db:
            if db.exec(due).first() is None:
                return None
        with transaction(self.surroundings.engine) as db:
            job = db.exec(due.with_for_update(skip_locked=True)).first()
            if job is not None and job.attempts >= MAX_ATTEMPTS:
                job.state, job.lease_until, job.error = (
                    JobState.FAILED,
                    None,
                    "Its worker ended before it did, each time.",
                )
                return None
            if job is not None:
                job.state, job.owner, job.lease_until = JobState.RUNNING, self.owner, now + LEASE
                job.attempts += 1
            return job

    def _finish(self, job: Job, error: str | None) -> None:
        values: dict[str, Any] = {"lease_until": None, "error": error, "state": JobState.DONE}
        if error is not None:
            values["state"] = JobState.FAILED if job.attempts >= MAX_ATTEMPTS else JobState.READY
            values["run_at"] = clock.now() + timedelta(seconds=min(2**job.attempts, _LONGEST_WAIT))
        mine = (col(Job.id) == job.id, col(Job.owner) == self.owner, col(Job.attempts) == job.attempts)
        with transaction(self.surroundings.engine) as db:
            db.connection().execute(sa.update(Job).where(*mine).values(**values))
