"""Verbs on photos: take in, date, judge, file under another view, confirm, keep, mark as reviewed.

Taking in has three steps, so that many photos in one form neither hold the database's lock nor all lie in memory:
`read` (a child decodes), `seal` (files in the store), `enter` (the row). `store` does the last two, `take_in` all.
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Engine, Table
from sqlmodel import Session

from portal.accounts import queries as people
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.consents import queries as consents
from portal.consents.rules import ConsentState, Purpose
from portal.kit import clock, limits
from portal.kit.db import afterwards, insert_once, lock_row, transaction
from portal.kit.errors import Refused
from portal.kit.events import Event
from portal.photos import queries
from portal.photos.decode import Decoded, decode
from portal.photos.forms import HairForm
from portal.photos.models import Photo, PhotoPlan
from portal.photos.quality import faults, is_something_else
from portal.photos.rules import DateSource, capture
from portal.photos.vault import Vault
from portal.photos.views import GUIDES, Presentation, View

MOST_PHOTOS = 3000
AN_HOUR, IN_AN_HOUR = 3600, 240
NOTHING_SAID = HairForm()

TAKEN = Event()
"""Told (db, photo) after a new photo was stored, and when its view, its date, what was said of the hair or its standing
apart changes."""
RELABELLED = Event()
"""Told (db, photo) when a stored photo turns out to be of another view, before TAKEN."""
GONE = Event()
"""Told (db, photo) when a photo is withdrawn."""
HANDED_OUT = Event()
"""Told (db, viewer, photo) when an original is about to be downloaded; `db` only reads, so listeners put writes off."""

_PERSON: Table = Person.__table__  # type: ignore[attr-defined]
_PHOTO: Table = Photo.__table__  # type: ignore[attr-defined]
_PLAN: Table = PhotoPlan.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived, and what was said about it."""

    raw: bytes
    filename: str | None
    view: View
    taken_on: date | None = None
    hair: HairForm = NOTHING_SAID


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to take in one client's photos: the key they are sealed with, and the zone of a clock that names
    none.
    """

    client_id: UUID
    key: bytes
    zone: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A photo whose sealed files are in the store and whose row is not written yet."""

    photo: Photo
    camera: datetime | None
    offset: int | None
    told: date | None

    @property
    def names(self) -> list[str]:
        return self.photo.names


@dataclass(frozen=True, slots=True)
class Taken:
    """The stored photo; `again` when the same file was here before and nothing new was stored. `is_early`: it was taken
    before its client joined.
    """

    photo: Photo
    again: bool
    is_early: bool = False


def open_desk(db: Session, vault: Vault, viewer: Viewer, client_id: UUID) -> Desk:
    """Raises Refused when no photo of this client is taken in now."""
    refuse_without_consent(db, viewer, client_id)
    if queries.count(db, client_id) >= MOST_PHOTOS:
        raise Refused("There is no more room for photos in this account. Please call us.")
    zone = people.person(db, client_id).time_zone or clinic.profile(db).time_zone
    return Desk(client_id, vault.key_of(db, client_id), zone)


def refuse_without_consent(db: Session, viewer: Viewer, client_id: UUID) -> None:
    """Sending a photo is giving it for the record; not so after that consent was withdrawn. Raises Refused."""
    matters = consents.of_client(db, viewer, client_id)
    if any(one.shelf.purpose is Purpose.PHOTO_RECORD and one.state is ConsentState.WITHDRAWN for one in matters):
        raise Refused(
            "You have withdrawn your consent to photos in your record, so we take in no photo. You can send photos"
            " again as soon as you sign it again.",
            ("Your consents", "/consents"),
        )


def read(engine: Engine, viewer: Viewer, upload: Upload) -> Decoded:
    """Count the file, good or bad, in a transaction of its own, and decode it. Raises TooMany, BadPhoto,
    Unavailable when too many photos are being read.

    Call it before the request's own transaction has written: on SQLite the count waits for that lock.
    """
    with transaction(engine) as db:
        limits.spend(db, "photos", str(viewer.id), limit=IN_AN_HOUR, seconds=AN_HOUR)
    return _decoded(upload, viewer.id)


def seal(vault: Vault, desk: Desk, viewer: Viewer, upload: Upload, decoded: Decoded) -> Draft:
    """Put the sealed files into the store: all of them or none. Raises Unavailable."""
    parts = {"original": upload.raw} | {rendition.name: rendition.jpeg for rendition in decoded.renditions}
    names = vault.put_all(desk.key, parts)
    photo = Photo(
        client_id=desk.client_id,
        uploaded_by=viewer.id,
        view=upload.view,
        wetness=upload.hair.wetness,
        product=upload.hair.product,
        parting=upload.hair.parting,
        length=upload.hair.length,
        quality=asdict(decoded.quality) if decoded.quality else None,
        sha256=hashlib.sha256(upload.raw).hexdigest(),
        dhash=decoded.dhash,
        width=decoded.width,
        height=decoded.height,
        format=decoded.format,
        size=len(upload.raw),
        original=names["original"],
        large=names["large"],
        medium=names["medium"],
        small=names["small"],
    )
    return Draft(photo, decoded.taken_at, decoded.taken_offset_minutes, upload.taken_on)


def enter(db: Session, vault: Vault, viewer: Viewer, desk: Desk, draft: Draft) -> Taken:
    """Write the row of a sealed photo; the same file sent before is found again, and the new copy of it discarded.
    Raises Refused when the photos were withdrawn meanwhile: it is taken in before that and goes with them, or not at
    all.
    """
    photo = draft.photo
    lock_row(db, _PERSON, desk.client_id)
    refuse_without_consent(db, viewer, desk.client_id)
    _refuse_another_key(db, vault, desk)
    photo.received_at = clock.now()
    if (before := queries.by_content(db, desk.client_id, photo.sha256)) is not None:
        return _again(db, vault, before, draft)
    said = capture(draft.camera, draft.offset, draft.told, desk.zone, clock.now())
    photo.taken_on, photo.taken_at, photo.taken_zone, photo.date_source = said.on, said.at, said.zone, said.source
    judge(db, photo)
    if not insert_once(db, _PHOTO, photo.model_dump(), "client_id", "sha256"):  # another request was quicker
        same = queries.by_content(db, desk.client_id, photo.sha256)
        if same is None:
            raise Refused("This photo is just being removed. Please send it again in a moment.")
        return _again(db, vault, same, draft)
    photo = queries.stored(db, photo.id)
    audit.record(db, viewer, "photos.taken-in", photo, desk.client_id)
    TAKEN.tell(db, photo)
    joined = people.person(db, desk.client_id).joined_at
    return Taken(photo, again=False, is_early=said.on is not None and said.on < joined.date())


def store(db: Session, vault: Vault, viewer: Viewer, client_id: UUID, upload: Upload, decoded: Decoded) -> Taken:
    """Seal the files, then write the row. Raises Refused, Unavailable."""
    lock_row(db, _PERSON, client_id)  # what is read of the consents from here on stays true
    desk = open_desk(db, vault, viewer, client_id)
    draft = seal(vault, desk, viewer, upload, decoded)
    with vault.discarding(draft.names):
        return enter(db, vault, viewer, desk, draft)


def take_in(db: Session, vault: Vault, viewer: Viewer, client_id: UUID, upload: Upload) -> Taken:
    """Decode in a child process, then `store`, uncounted: for the demo and tests. Raises BadPhoto, Refused."""
    return store(db, vault, viewer, client_id, upload, _decoded(upload))


def judge(db: Session, photo: Photo) -> None:
    """Say what could be better about a photo, compared with the last good one of its view, and whether it is one of a
    scalp at all. Of the photo of a side effect nothing is asked.
    """
    quality = photo.measured
    if quality is None:
        photo.faults, photo.apart_since = [], None
        return
    before = queries.last_accepted(db, photo.client_id, photo.view, but=photo.id)
    photo.faults = [fault.code for fault in faults(quality, before.measured if before else None)]
    photo.apart_since = clock.now() if is_something_else(quality) and photo.confirmed_at is None else None


def set_date(db: Session, viewer: Viewer, photo: Photo, taken_on: date) -> None:
    """The client says when an undated photo was taken; a known date stays."""
    if photo.taken_on is None:
        photo.taken_on, photo.date_source = taken_on, DateSource.TOLD
        photo.taken_zone = viewer.time_zone or clinic.profile(db).time_zone
        changed(db, viewer, photo, "photos.dated")


def suspect(db: Session, photo_id: UUID, view: View | None) -> None:
    """The measurement found that a photo looks like another view, or (None) that it does not. Whoever looked at the
    photo and said which view it is knows better.
    """
    photo = db.get(Photo, photo_id)
    if photo and photo.withdrawn_at is None and photo.view_said_at is None and photo.view is not view:
        photo.suspected_view = view
        db.add(photo)


def hand_out(db: Session, viewer: Viewer, photo: Photo) -> None:
    """The original leaves the portal: written down, also for the client's own, before it is sent."""
    HANDED_OUT.tell(db, viewer, photo)
    afterwards(db, lambda later: audit.record(later, viewer, "photos.original-downloaded", photo, photo.client_id))


def mark_reviewed(db: Session, viewer: Viewer, photo: Photo) -> None:
    """A practitioner has looked through it: it leaves the queue."""
    photo.reviewed_at = photo.reviewed_at or clock.now()
    db.add(photo)
    audit.record(db, viewer, "photos.reviewed", photo, photo.client_id)


def set_presentation(db: Session, practitioner: Viewer, client_id: UUID, presentation: Presentation) -> None:
    """A practitioner says which kind of hair loss a client's series follows."""
    new = PhotoPlan(client_id=client_id, presentation=presentation, set_by_id=practitioner.id)
    if not insert_once(db, _PLAN, new.model_dump(), "client_id"):
        plan = queries.plan(db, client_id)
        plan.presentation, plan.set_by_id, plan.set_at = presentation, practitioner.id, clock.now()
        db.add(plan)
    audit.record(db, practitioner, "photos.planned", None, client_id)


def changed(db: Session, viewer: Viewer, photo: Photo, action: str) -> None:
    """What others make of a photo may have changed."""
    db.add(photo)
    db.flush()
    audit.record(db, viewer, action, photo, photo.client_id)
    TAKEN.tell(db, photo)


def _refuse_another_key(db: Session, vault: Vault, desk: Desk) -> None:
    """Withdrawing all photos forgets their key; signing again meanwhile makes another, which opens none of these."""
    if vault.key_if_any(db, desk.client_id) != desk.key:
        raise Refused(
            "Your photos were withdrawn while this one was on its way, so it was not kept. Please send it again.",
            ("Send it again", "/photos/new"),
        )


def _decoded(upload: Upload, whose: UUID | None = None) -> Decoded:
    guide = GUIDES.get(upload.view)
    return decode(upload.raw, upload.filename, region=guide.region if guide else None, whose=whose)


def _again(db: Session, vault: Vault, before: Photo, draft: Draft) -> Taken:
    """The file is here already. Sent as another view, it is asked which of the two it is."""
    vault.discard(draft.names)
    if before.view in GUIDES and before.view is not draft.photo.view:
        before.suspected_view = draft.photo.view
        db.add(before)
    return Taken(before, again=True)
