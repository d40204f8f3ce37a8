"""Taking time: of all subjects of an appointment or of none. The database decides, whatever anybody saw before.

On PostgreSQL the exclusion constraint of `TimeTaken` decides; nobody waits longer than for one transaction, and a loser
learns it without an error. On SQLite the write lock is held, so looking is enough.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from portal.availability.rules import Span
from portal.availability.slots import Stretches
from portal.bookings.models import TimeTaken
from portal.kit import clock
from portal.kit.db import is_sqlite
from portal.kit.errors import Refused

_TABLE: sa.Table = TimeTaken.__table__  # type: ignore[attr-defined]
_DEADLOCK = "40P01"
_MEANWHILE = "Somebody else was changing that time at the same moment. Please try again."
Claim = Mapping[UUID, Span]


class _NotFree(Exception):  # noqa: N818 - no error: somebody was quicker, and the savepoint is left
    pass


def take(
    db: Session, owner_id: UUID, claim: Claim, expires_at: datetime | None = None, instead_of: Collection[UUID] = ()
) -> bool:
    """Take a stretch of time of each subject for `owner_id`, in place of what it had and of what these other owners
    had; False, and nothing has changed, when one of them is taken by somebody else. Refused when the two wait for each
    other: trying again at once would only repeat that, a second of waiting each time.
    """
    try:
        with db.begin_nested():
            _make_way(db, (owner_id, *instead_of), claim)
            _insert(db, owner_id, claim, expires_at)
    except _NotFree:
        return False
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _DEADLOCK:
            raise Refused(_MEANWHILE) from error
        raise
    return True


def free(db: Session, owner_id: UUID) -> None:
    """Give back everything an appointment or a slot hold takes."""
    db.connection().execute(sa.delete(_TABLE).where(_TABLE.c.owner_id == owner_id))


def forget_lapsed(db: Session) -> None:
    """Remove every claim that has ended by itself. Nobody waits for it: what somebody else has in hand is left."""
    gone = sa.select(_TABLE.c.id).where(_TABLE.c.expires_at <= clock.now()).with_for_update(skip_locked=True)
    db.connection().execute(sa.delete(_TABLE).where(_TABLE.c.id.in_(gone)))


def taken(
    db: Session, subjects: Collection[UUID], around: Span, ignoring: Collection[UUID] = ()
) -> dict[UUID, Stretches]:
    """What is taken of each subject within a span, in one query that gives one row a subject: months of a busy clinic
    are tens of thousands of stretches. `ignoring`: owners whose own time counts as free.
    """
    subject, begins, ends = _BY_SUBJECT_SQLITE if is_sqlite(db) else _BY_SUBJECT
    wanted = sa.select(subject, begins, ends).where(
        _TABLE.c.subject_id.in_(subjects), _TABLE.c.ends_at > around.start, _TABLE.c.starts_at < around.end, _lives()
    )
    if ignoring:
        wanted = wanted.where(_TABLE.c.owner_id.not_in(ignoring))
    rows = db.connection().execute(wanted.group_by(_TABLE.c.subject_id))
    found = {row[0]: Stretches(_seconds(row[1]), _seconds(row[2])) for row in rows}
    return {subject_id: found.get(subject_id, Stretches((), ())) for subject_id in subjects}


def _seconds(given: str | Sequence[float]) -> Sequence[float]:
    return [int(one) for one in given.split(",")] if isinstance(given, str) else given


_BY_SUBJECT_SQLITE = (
    _TABLE.c.subject_id,
    *(sa.func.group_concat(sa.func.strftime("%s", column)) for column in (_TABLE.c.starts_at, _TABLE.c.ends_at)),
)
_BY_SUBJECT = (
    _TABLE.c.subject_id,
    *(
        sa.func.array_agg(sa.cast(sa.extract("epoch", column), sa.Float))
        for column in (_TABLE.c.starts_at, _TABLE.c.ends_at)
    ),
)


def _lives() -> sa.ColumnElement[bool]:
    return sa.or_(_TABLE.c.expires_at.is_(None), _TABLE.c.expires_at > clock.now())


def _overlaps(claim: Claim) -> sa.ColumnElement[bool]:
    return sa.or_(
        *(
            sa.and_(_TABLE.c.subject_id == subject, _TABLE.c.starts_at < span.end, _TABLE.c.ends_at > span.start)
            for subject, span in claim.items()
        )
    )


def _make_way(db: Session, owners: Collection[UUID], claim: Claim) -> None:
    """What these owners had goes; so does what a person let lapse, because the constraint knows no clock."""
    lapsed = sa.and_(_TABLE.c.expires_at <= clock.now(), _overlaps(claim))
    db.connection().execute(sa.delete(_TABLE).where(sa.or_(_TABLE.c.owner_id.in_(owners), lapsed)))


def _insert(db: Session, owner_id: UUID, claim: Claim, expires_at: datetime | None) -> None:
    rows = list(_rows(owner_id, claim, expires_at))
    if is_sqlite(db):
        if db.connection().execute(sa.select(_TABLE.c.id).where(_overlaps(claim)).limit(1)).first():
            raise _NotFree
        db.connection().execute(sa.insert(_TABLE), rows)
        return
    wanted = postgresql.insert(_TABLE).values(rows).on_conflict_do_nothing().returning(_TABLE.c.id)
    if len(db.connection().execute(wanted).all()) < len(rows):
        raise _NotFree


def _rows(owner_id: UUID, claim: Claim, expires_at: datetime | None) -> Iterable[dict[str, Any]]:
    """Always in the same order, so that two who want the same subjects wait one behind the other, not in a circle."""
    for subject, span in sorted(claim.items(), key=lambda item: item[0]):
        yield {
            "id": uuid4(),
            "subject_id": subject,
            "starts_at": span.start,
            "ends_at": span.end,
            "owner_id": owner_id,
            "expires_at": expires_at,
        }
