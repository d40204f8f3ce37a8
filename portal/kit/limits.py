"""Limits shared by every process: hits counted in the database over a sliding window (from two fixed ones)."""

import hashlib

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel

from portal.kit import clock
from portal.kit.errors import TooMany


class Hit(SQLModel, table=True):
    """How often a key was hit in one window. Keys are hashed: no address or e-mail stays here."""

    __tablename__ = "rate_hit"
    key: str = Field(primary_key=True, max_length=64)
    window: int = Field(primary_key=True, sa_type=sa.BigInteger)
    hits: int = 0


_HIT = sa.text(
    'INSERT INTO rate_hit(key, "window", hits) VALUES(:key, :window, 1) '
    'ON CONFLICT(key, "window") DO UPDATE SET hits = rate_hit.hits + 1 RETURNING hits'
)
_SO_FAR = sa.text('SELECT hits FROM rate_hit WHERE key = :key AND "window" = :window')


def allowed(db: Session, name: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one hit and say whether `who` is still within `limit` per `seconds`."""
    key, window, left = _now(name, who, seconds)
    connection = db.connection()
    hits = connection.execute(_HIT, {"key": key, "window": window}).scalar_one()
    before = connection.execute(_SO_FAR, {"key": key, "window": window - 1}).scalar() or 0
    return bool(before * left + hits <= limit)


def is_spent(db: Session, name: str, who: str, *, limit: int, seconds: int) -> bool:
    """Whether the next hit would be one too many. It counts nothing, so it suits a page that only reads."""
    key, window, left = _now(name, who, seconds)
    connection = db.connection()
    hits, before = (
        connection.execute(_SO_FAR, {"key": key, "window": one}).scalar() or 0 for one in (window, window - 1)
    )
    return bool(before * left + hits >= limit)


def spend(db: Session, name: str, who: str, *, limit: int, seconds: int) -> None:
    """As `allowed`, but raises TooMany with a sentence that says when to try again."""
    if not allowed(db, name, who, limit=limit, seconds=seconds):
        minutes = max(1, seconds // 60)
        raise TooMany(
            f"That was tried too often. Please try again in about {minutes} {'minute' if minutes == 1 else 'minutes'}."
        )


def _now(name: str, who: str, seconds: int) -> tuple[str, int, float]:
    """The key, the window we are in, and how much of the one before still counts."""
    moment = clock.now().timestamp()
    key = hashlib.sha256(f"{name}:{seconds}:{who}".encode()).hexdigest()
    return key, int(moment // seconds), 1 - (moment % seconds) / seconds
