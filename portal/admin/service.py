"""Verbs for admins."""

from uuid import UUID

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.kit.jobs import Job, JobState


def try_again(db: Session, admin: Viewer, job_id: UUID) -> None:
    """Give a failed job a fresh start."""
    job = db.get(Job, job_id)
    if job is None or job.state is not JobState.FAILED:
        raise NotFound("There is no such failed job.")
    job.state, job.attempts, job.run_at = JobState.READY, 0, clock.now()
    db.add(job)
    audit.record(db, admin, "jobs.tried-again", job)
