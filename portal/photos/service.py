"""Verbs on photos: take in, date, mark as reviewed."""

import hashlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit import clock, limits
from portal.kit.db import transaction
from portal.kit.errors import Refused
from portal.photos import queries
from portal.photos.decode import Decoded, decode
from portal.photos.models import Photo
from portal.photos.rules import View, date_of
from portal.photos.vault import Vault

MOST_PHOTOS = 3000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived, and what was said about it."""

    raw: bytes
    filename: str | None
    view: View
    taken_on: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The stored photo; `again` when the same file was here before and nothing new was stored."""

    photo: Photo
    again: bool


def read(engine: Engine, viewer: Viewer, upload: Upload) -> Decoded:
    """Count the file, good or bad, in a transaction of its own, and decode it. Raises TooMany, BadPhoto.

    Call it before the request's own transaction has written: on SQLite the count waits for that lock.
    """
    with transaction(engine) as db:
        limits.spend(db, "photos", str(viewer.id), limit=240, seconds=3600)
    return decode(upload.raw, upload.filename)


def take_in(db: Session, vault: Vault, viewer: Viewer, client_id: UUID, upload: Upload) -> Taken:
    """Decode in a child process, then `store`, uncounted: for the demo and tests. Raises BadPhoto, Refused."""
    return store(db, vault, viewer, client_id, upload, decode(upload.raw, upload.filename))


def store(db: Session, vault: Vault, viewer: Viewer, client_id: UUID, upload: Upload, decoded: Decoded) -> Taken:
    """Store the sealed files, then write the row. Several photos are all decoded before the first is stored: decoding
    is slow, and the first row takes the database's write lock. Raises Refused.
    """
    sha256 = hashlib.sha256(upload.raw).hexdigest()
    if (before := queries.by_content(db, client_id, sha256)) is not None:
        return Taken(before, again=True)
    if queries.count(db, client_id) >= MOST_PHOTOS:
        raise Refused("There is no more room for photos in this account. Please call us.")
    key = vault.key_of(db, client_id)
    parts = {"original": upload.raw} | {rendition.name: rendition.jpeg for rendition in decoded.renditions}
    names = {part: vault.put(key, plain) for part, plain in parts.items()}
    photo = Photo(
        client_id=client_id,
        uploaded_by=viewer.id,
        view=upload.view,
        taken_on=date_of(decoded.taken_at, upload.taken_on, clock.today("Pacific/Kiritimati")),
        sha256=sha256,
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
    db.add(photo)
    db.flush()
    audit.record(db, viewer, "photos.taken-in", photo, client_id)
    return Taken(photo, again=False)


def set_date(db: Session, viewer: Viewer, photo: Photo, taken_on: date) -> None:
    """The client says when an undated photo was taken; a known date stays."""
    if photo.taken_on is None:
        photo.taken_on = taken_on
        db.add(photo)
        audit.record(db, viewer, "photos.dated", photo, photo.client_id)


def mark_reviewed(db: Session, viewer: Viewer, photo: Photo) -> None:
    """A practitioner has looked through it: it leaves the queue."""
    photo.reviewed_at = photo.reviewed_at or clock.now()
    db.add(photo)
    audit.record(db, viewer, "photos.reviewed", photo, photo.client_id)
