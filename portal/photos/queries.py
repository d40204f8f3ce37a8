"""Reads of photos. Clients see their own, practitioners those of every client, nobody else any."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts.rules import Viewer
from portal.kit.errors import NotFound
from portal.photos.models import Photo, PhotoPlan
from portal.photos.views import Presentation, View

LOOKS = ("photos.seen", "photos.image-seen", "photos.original-downloaded")
_FEW = 20


def _visible_to(viewer: Viewer) -> SelectOfScalar[Photo]:
    """The one place that says who sees photos: nobody those that were withdrawn."""
    return _ever_visible_to(viewer).where(col(Photo.withdrawn_at).is_(None))


def _ever_visible_to(viewer: Viewer) -> SelectOfScalar[Photo]:
    every = select(Photo)
    return every if viewer.is_practitioner else every.where(Photo.client_id == viewer.id)


def photo(db: Session, viewer: Viewer, photo_id: UUID) -> Photo:
    """One photo. Raises NotFound, alike for what is not there and what is not theirs."""
    found = db.exec(_visible_to(viewer).where(Photo.id == photo_id)).first()
    if found is not None:
        return found
    if gone := db.exec(_ever_visible_to(viewer).where(Photo.id == photo_id)).first():
        whose = "Your photos" if gone.client_id == viewer.id else "The client’s photos"
        where = "/photos" if gone.client_id == viewer.id else f"/clients/{gone.client_id}/photos"
        raise NotFound("This photo was withdrawn. Its pictures are deleted; nothing else has changed.", (whose, where))
    raise NotFound("There is no such photo.")


def is_there(db: Session, viewer: Viewer, photo_id: UUID) -> bool:
    """Whether a photo can be opened; not once it was withdrawn."""
    return db.exec(_visible_to(viewer).where(Photo.id == photo_id)).first() is not None


def photos(db: Session, viewer: Viewer, client_id: UUID, view: View | None = None) -> Sequence[Photo]:
    """A client's series, oldest first; photos without a date last. Without what is kept apart."""
    wanted = _visible_to(viewer).where(
        Photo.client_id == client_id, Photo.view != View.SIDE_EFFECT, col(Photo.apart_since).is_(None)
    )
    if view is not None:
        wanted = wanted.where(Photo.view == view)
    return db.exec(wanted.order_by(col(Photo.taken_on).is_(None), col(Photo.taken_on), col(Photo.received_at))).all()


def apart(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[Photo]:
    """A client's photos that look like something else and stand in no series until the client confirms them."""
    wanted = _visible_to(viewer).where(Photo.client_id == client_id, col(Photo.apart_since).is_not(None))
    return db.exec(wanted.order_by(col(Photo.received_at))).all()


def to_decide(db: Session, viewer: Viewer) -> Sequence[Photo]:
    """The viewer's own photos about which something is to be said: kept apart, perhaps another view, or poor and
    neither kept nor removed.
    """
    doubtful = col(Photo.apart_since).is_not(None) | col(Photo.suspected_view).is_not(None)
    faulty = col(Photo.kept_at).is_(None) & (sa.cast(Photo.faults, sa.String) != "[]")
    own = _visible_to(viewer).where(Photo.client_id == viewer.id, doubtful | faulty, Photo.view != View.SIDE_EFFECT)
    found = db.exec(own.order_by(col(Photo.received_at))).all()
    return [one for one in found if one.apart_since or one.suspected_view or not one.is_accepted]


def undated(db: Session, viewer: Viewer) -> Sequence[Photo]:
    """The viewer's own photos that still need a date."""
    own = _visible_to(viewer).where(
        Photo.client_id == viewer.id, Photo.view != View.SIDE_EFFECT, col(Photo.taken_on).is_(None)
    )
    return db.exec(own.order_by(col(Photo.received_at))).all()


def last_accepted(db: Session, client_id: UUID, view: View, but: UUID | None = None) -> Photo | None:
    """The latest measured photo of a view that nothing is wrong with, or that the client kept; by others a new one is
    judged.
    """
    wanted = select(Photo).where(
        Photo.client_id == client_id, Photo.view == view, Photo.id != but, col(Photo.withdrawn_at).is_(None)
    )
    latest = db.exec(wanted.order_by(col(Photo.taken_on).is_(None), col(Photo.taken_on).desc()).limit(_FEW)).all()
    return next((one for one in latest if one.quality and one.is_accepted), None)


def ghosts(series: Sequence[Photo]) -> dict[str, UUID]:
    """For each view the photo that a new one is lined up with: the first that is good."""
    found: dict[str, UUID] = {}
    for one in series:
        if one.is_accepted and one.taken_on:
            found.setdefault(one.view.value, one.id)
    return found


def presentation(db: Session, client_id: UUID) -> Presentation:
    """Which kind of hair loss a client's series follows."""
    found = db.exec(select(PhotoPlan).where(PhotoPlan.client_id == client_id)).first()
    return found.presentation if found else Presentation.PATTERN


def plan(db: Session, client_id: UUID) -> PhotoPlan:
    """The plan that is there."""
    return db.exec(select(PhotoPlan).where(PhotoPlan.client_id == client_id)).one()


def stored(db: Session, photo_id: UUID) -> Photo:
    """The row that was just written."""
    return db.exec(select(Photo).where(Photo.id == photo_id)).one()


def by_content(db: Session, client_id: UUID, sha256: str) -> Photo | None:
    """The same file sent before by the same client, and not withdrawn."""
    same = select(Photo).where(Photo.client_id == client_id, Photo.sha256 == sha256)
    return db.exec(same.where(col(Photo.withdrawn_at).is_(None))).first()


def unreviewed(db: Session, viewer: Viewer, limit: int = 50) -> Sequence[Photo]:
    """Photos no practitioner has looked through, oldest first; for practitioners."""
    if not viewer.is_practitioner:
        return []
    series = _visible_to(viewer).where(
        col(Photo.reviewed_at).is_(None), Photo.view != View.SIDE_EFFECT, col(Photo.apart_since).is_(None)
    )
    return db.exec(series.order_by(col(Photo.received_at)).limit(limit)).all()


def count(db: Session, client_id: UUID) -> int:
    """How many photos a client ever sent."""
    return db.exec(select(func.count()).where(Photo.client_id == client_id)).one()


def pairs(series: Sequence[Photo]) -> dict[View, tuple[Photo, Photo]]:
    """For each view with at least two dated photos: the first (the baseline) and the latest."""
    ends: dict[View, tuple[Photo, Photo]] = {}
    for one in series:
        if one.taken_on is not None:
            ends[one.view] = (ends[one.view][0] if one.view in ends else one, one)
    return {view: pair for view, pair in ends.items() if pair[0].id != pair[1].id}
