"""What is ordered of the worker: each thing once while it waits, and whether it was given up for good."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.kit import clock, jobs
from portal.kit.jobs import Job, JobState
from portal.photos.views import View

MEASURE = "comparison.measure"
OTHER_VIEW = "comparison.other-view"
_OPEN = (JobState.READY, JobState.RUNNING)
_PAYLOAD: Any = Job.payload


def measure(db: Session, photo_id: UUID, view: View, baseline_id: UUID) -> None:
    """Have a photo measured over this baseline."""
    once(db, MEASURE, {"photo": str(photo_id), "over": _over(view, baseline_id)})


def once(db: Session, kind: str, payload: dict[str, str]) -> None:
    """Enqueue, unless the same waits already; what was tried in vain and waits is tried at once, as if it were new."""
    now, run = clock.now(), db.connection().execute
    same = [_PAYLOAD[name].as_string() == value for name, value in payload.items()]
    waits = sa.update(Job).where(col(Job.kind) == kind, col(Job.state) == JobState.READY, *same)
    if run(waits.values(attempts=0)).rowcount:
        run(waits.where(col(Job.run_at) > now).values(run_at=now))
    else:
        jobs.enqueue(db, kind, f"{kind}:{uuid4()}", payload)


def in_hand(db: Session, photo_ids: Collection[UUID], view: View, baseline_id: UUID) -> set[UUID]:
    """Those of these that wait to be measured over this baseline, are being measured, or could not be."""
    return {photo for photo, over, _ in _known(db, photo_ids) if over == _over(view, baseline_id)}


def given_up(db: Session, photo_ids: Collection[UUID], view: View, baseline_id: UUID) -> set[UUID]:
    """Those of these that could not be measured over this baseline however often it was tried, and wait no more."""
    known = list(_known(db, photo_ids))
    failed = {photo for photo, over, state in known if state not in _OPEN and over in {"", _over(view, baseline_id)}}
    return failed - {photo for photo, _, state in known if state in _OPEN}


def _known(db: Session, photo_ids: Collection[UUID]) -> Iterator[tuple[UUID, str, JobState]]:
    """Photo, what over (“” in a job from before that was noted) and state of each job that is not done."""
    wanted = select(Job.payload, Job.state).where(
        Job.kind == MEASURE,
        col(Job.state).in_([*_OPEN, JobState.FAILED]),
        _PAYLOAD["photo"].as_string().in_([str(one) for one in photo_ids]),
    )
    for payload, state in db.exec(wanted).all():
        yield UUID(payload["photo"]), payload.get("over", ""), JobState(state)


def _over(view: View, baseline_id: UUID) -> str:
    return f"{view.value}:{baseline_id}"
