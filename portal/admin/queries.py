"""Mail and jobs as an admin sees them: what failed and why. Of an e-mail only the address and the subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from portal.kit.jobs import Job, JobState
from portal.kit.mail import OutboxMail
from portal.photos import integrity
from portal.photos.models import StorageCheck


@dataclass(frozen=True, slots=True)
class Engine:
    """The state of background work, for one page."""

    waiting: int
    failed: Sequence[Job]
    late_mail: Sequence[OutboxMail]
    last_sent: datetime | None
    storage_check: StorageCheck | None


def engine_room(db: Session) -> Engine:
    """Counts and failures; small queries on indexed columns."""
    waiting = db.exec(select(func.count()).where(col(Job.state).in_([JobState.READY, JobState.RUNNING]))).one()
    failed = db.exec(select(Job).where(Job.state == JobState.FAILED).order_by(col(Job.run_at).desc()).limit(50)).all()
    late = select(OutboxMail).where(col(OutboxMail.sent_at).is_(None), OutboxMail.attempts > 0)
    last = db.exec(select(func.max(OutboxMail.sent_at))).one()
    late_mail = db.exec(late.order_by(col(OutboxMail.made_at)).limit(50)).all()
    return Engine(waiting, failed, late_mail, last, integrity.latest(db))
