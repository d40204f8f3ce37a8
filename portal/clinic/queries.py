"""The clinic's profile, remembered for a moment: every page needs it and it changes once a year."""

import time
from weakref import WeakKeyDictionary

from sqlalchemy import Pool
from sqlmodel import Session, select

from portal.clinic.models import BookingPolicy, ClinicProfile

_FRESH_SECONDS = 2.0
_POLICY = "clinic.policy"
_remembered: WeakKeyDictionary[Pool, tuple[float, ClinicProfile]] = WeakKeyDictionary()


def profile(db: Session) -> ClinicProfile:
    """The clinic's profile; defaults before an admin filled it in. At most two seconds old."""
    pool = db.connection().engine.pool
    known = _remembered.get(pool)
    if known and time.monotonic() - known[0] < _FRESH_SECONDS:
        return known[1]
    found = db.exec(select(ClinicProfile)).first() or ClinicProfile()
    _remembered[pool] = (time.monotonic(), found)
    return found


def stored(db: Session) -> ClinicProfile:
    """The row itself, for a change; made when there is none yet."""
    _remembered.pop(db.connection().engine.pool, None)
    row = db.exec(select(ClinicProfile)).first()
    if row is None:
        row = ClinicProfile()
        db.add(row)
    return row


def policy(db: Session) -> BookingPolicy:
    """The clinic's limits for booking; defaults before an admin set them. Read once in a transaction."""
    known = db.info.get(_POLICY)
    if not isinstance(known, BookingPolicy):
        known = db.info[_POLICY] = db.exec(select(BookingPolicy)).first() or BookingPolicy()
    return known


def stored_policy(db: Session) -> BookingPolicy:
    """The row itself, for a change; made when there is none yet."""
    db.info.pop(_POLICY, None)
    row = db.exec(select(BookingPolicy)).first()
    if row is None:
        row = BookingPolicy()
        db.add(row)
    return row
