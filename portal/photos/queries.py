"""Reads of photos. Clients see their own, practitioners those of every client, nobody else any."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts.rules import Viewer
from portal.kit.errors import NotFound
from portal.photos.models import Photo
from portal.photos.rules import View

LOOKS = ("photos.seen", "photos.image-seen")


def _visible_to(viewer: Viewer) -> SelectOfScalar[Photo]:
    """The one place that says who sees photos."""
    every = select(Photo)
    return every if viewer.is_practitioner else every.where(Photo.client_id == viewer.id)


def photo(db: Session, viewer: Viewer, photo_id: UUID) -> Photo:
    """One photo. Raises NotFound, alike for what is not there and what is not theirs."""
    found = db.exec(_visible_to(viewer).where(Photo.id == photo_id)).first()
    if found is None:
        raise NotFound("There is no such photo.")
    return found


def photos(db: Session, viewer: Viewer, client_id: UUID, view: View | None = None) -> Sequence[Photo]:
    """A client's series, oldest first; photos without a date last."""
    wanted = _visible_to(viewer).where(Photo.client_id == client_id, Photo.view != View.SIDE_EFFECT)
    if view is not None:
        wanted = wanted.where(Photo.view == view)
    return db.exec(wanted.order_by(col(Photo.taken_on).is_(None), col(Photo.taken_on), col(Photo.received_at))).all()


def undated(db: Session, viewer: Viewer) -> Sequence[Photo]:
    """The viewer's own photos that still need a date."""
    own = select(Photo).where(
        Photo.client_id == viewer.id, Photo.view != View.SIDE_EFFECT, col(Photo.taken_on).is_(None)
    )
    return db.exec(own.order_by(col(Photo.received_at))).all()


def by_content(db: Session, client_id: UUID, sha256: str) -> Photo | None:
    """The same file sent before by the same client."""
    return db.exec(select(Photo).where(Photo.client_id == client_id, Photo.sha256 == sha256)).first()


def unreviewed(db: Session, viewer: Viewer, limit: int = 50) -> Sequence[Photo]:
    """Photos no practitioner has looked through, oldest first; for practitioners."""
    if not viewer.is_practitioner:
        return []
    series = select(Photo).where(col(Photo.reviewed_at).is_(None), Photo.view != View.SIDE_EFFECT)
    return db.exec(series.order_by(col(Photo.received_at)).limit(limit)).all()


def count(db: Session, client_id: UUID) -> int:
    return db.exec(select(func.count()).where(Photo.client_id == client_id)).one()


def pairs(series: Sequence[Photo]) -> dict[View, tuple[Photo, Photo]]:
    """For each view with at least two dated photos: the first (the baseline) and the latest."""
    ends: dict[View, tuple[Photo, Photo]] = {}
    for one in series:
        if one.taken_on is not None:
            ends[one.view] = (ends[one.view][0] if one.view in ends else one, one)
    return {view: pair for view, pair in ends.items() if pair[0].id != pair[1].id}
