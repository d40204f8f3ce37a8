"""How pictures go: rows closed, bytes discarded, and the statement that says so."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, func, select

from portal.accounts import queries as people
from portal.clinic import queries as clinic
from portal.derivations import queries, wording
from portal.derivations.models import Derivation, HandedOut, WithdrawalStatement
from portal.derivations.rules import Cause, DerivationKind, Graph, Use
from portal.derivations.shredding import discard
from portal.derivations.wording import Copy, Tally
from portal.kit import clock
from portal.notifications import service as notifications
from portal.photos.models import Photo, PhotoKey

OWN_DOING = (Cause.PHOTO_REMOVED, Cause.PHOTO_NARROWED)  # done a moment ago by the client, who needs no e-mail


@dataclass(frozen=True, slots=True)
class Going:
    """What goes together. `ever`: everything that was ever made of it, closed long ago or now: copies may be about."""

    client_id: UUID
    cause: Cause
    use: Use
    photos: Sequence[Photo] = ()
    made: Sequence[Derivation] = ()
    ever: Collection[UUID] = ()
    photo_id: UUID | None = None


def of_photos(db: Session, graph: Graph[UUID], photos: Sequence[Photo], going: Going) -> Going:
    """The same with photos and everything downstream of them."""
    ever = graph.downstream_of([photo.id for photo in photos])
    made = queries.open_derivations(db, ever)
    return replace(going, photos=photos, made=made, ever=ever)


def close(db: Session, made: Sequence[Derivation]) -> None:
    """Close derivations; their bytes are deleted right after the commit."""
    discard(db, [one.stored for one in made])
    for one in made:
        one.closed_at, one.stored = clock.now(), ""
    db.add_all(made)
    db.flush()


def empty(db: Session, photos: Sequence[Photo]) -> None:
    """Leave of each photo the trace that it was there: nothing of its content, not even a fingerprint, so that the same
    file may be sent again.
    """
    discard(db, [name for photo in photos for name in (photo.original, photo.large, photo.medium, photo.small)])
    for photo in photos:
        photo.withdrawn_at, photo.sha256, photo.dhash = clock.now(), f"withdrawn:{photo.id.hex}", ""
        photo.original = photo.large = photo.medium = photo.small = ""
        photo.quality, photo.faults, photo.suspected_view = None, [], None
        photo.may_teach = photo.may_publish = False
    db.add_all(photos)
    db.flush()


def forget_key(db: Session, client_id: UUID) -> None:
    """Where no photo is left nobody needs the key; without it no sealed copy opens, wherever one may still lie."""
    left = select(func.count()).where(Photo.client_id == client_id, col(Photo.withdrawn_at).is_(None))
    if db.exec(left).one() == 0:
        db.exec(delete(PhotoKey).where(col(PhotoKey.client_id) == client_id))


def state(db: Session, going: Going) -> WithdrawalStatement:
    """Write the statement and tell the client that it is there."""
    zone = ZoneInfo(clinic.profile(db).time_zone)
    copies = queries.handed_out(db, going.client_id, [photo.id for photo in going.photos], going.ever)
    left = select(func.count()).where(Photo.client_id == going.client_id, col(Photo.withdrawn_at).is_(None))
    row = WithdrawalStatement(
        client_id=going.client_id,
        cause=going.cause,
        use=going.use,
        photo_id=going.photo_id,
        gone=wording.gone(_tallies(going, zone), going.use),
        kept=wording.kept(going.cause, going.use, db.exec(left).one()),
        outside=wording.outside(_copies(db, going.client_id, copies, zone), going.use),
    )
    db.add(row)
    db.flush()
    key, href = f"derivations.statement:{row.id}", f"/photos/statements/{row.id}"
    mail = {} if going.cause not in OWN_DOING else {"by_mail": None}
    notifications.tell(db, going.client_id, key, "A statement for you to read, print and keep is ready.", href, **mail)
    return row


def _tallies(going: Going, zone: ZoneInfo) -> list[Tally]:
    days: dict[tuple[DerivationKind | None, Use], list[date]] = defaultdict(list)
    for photo in going.photos:
        days[None, Use.RECORD].append(photo.taken_on or _day(photo.received_at, zone))
    for one in going.made:
        days[one.kind, one.use].append(_day(one.made_at, zone))
    return [Tally(kind, use, len(found), min(found), max(found)) for (kind, use), found in days.items()]


def _copies(db: Session, client_id: UUID, found: Sequence[HandedOut], zone: ZoneInfo) -> list[Copy]:
    names = people.names(db, [one.by_id for one in found])
    ids = [one.derivation_id for one in found if one.derivation_id]
    kinds = {one.id: one.kind for one in db.exec(select(Derivation).where(col(Derivation.id).in_(ids)))}
    return [
        Copy(
            names.get(one.by_id, "Somebody who has left"),
            one.by_id == client_id,
            _day(one.at, zone),
            kinds[one.derivation_id] if one.derivation_id else None,
            one.use,
        )
        for one in found
    ]


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
