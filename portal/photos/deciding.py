"""What is said about a photo after it was sent: another view, “yes, this is my scalp”, “keep it”, how the hair was."""

import logging
from dataclasses import asdict, replace
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit import clock, limits
from portal.kit.crypto import Damaged
from portal.kit.db import transaction
from portal.kit.errors import Refused
from portal.photos import queries
from portal.photos.decode import BadPhoto, decode
from portal.photos.forms import HairForm
from portal.photos.models import Photo
from portal.photos.quality import Quality
from portal.photos.service import RELABELLED, changed, judge
from portal.photos.vault import Vault
from portal.photos.views import GUIDES, View

log = logging.getLogger("portal.photos")
AN_HOUR, IN_AN_HOUR = 3600, 60
_DOES_NOT_OPEN = "This photo cannot be opened any more, so its view stays as it is. Please tell us; we look after it."


def measured_as(engine: Engine, vault: Vault, viewer: Viewer, photo_id: UUID, view: View) -> Quality | None:
    """Measure a stored photo where another view has its region, in a transaction of its own that only reads. None for
    a photo that was never measured. Raises NotFound, Refused for one that does not open, Unavailable.
    """
    try:
        with transaction(engine, write=False) as db:
            photo = queries.photo(db, viewer, photo_id)
            _refuse_outside_series(photo)
            if photo.view is view or not photo.measured:
                return photo.measured
            picture = vault.get(db, photo.client_id, photo.large)
        numbers = decode(picture, region=GUIDES[view].region, whose=viewer.id).quality
    except (KeyError, Damaged, BadPhoto) as error:
        log.exception("a stored photo cannot be measured", extra={"photo": str(photo_id)})
        raise Refused(_DOES_NOT_OPEN) from error
    return replace(numbers, short_side=photo.measured.short_side) if numbers else None


def measure_late(engine: Engine, vault: Vault, photo_id: UUID) -> None:
    """Measure the quality of a photo that was taken in before quality was measured; its faults are not held against
    it. Two transactions of its own.
    """
    with transaction(engine, write=False) as db:
        photo = db.get(Photo, photo_id)
        if photo is None or photo.view not in GUIDES or photo.quality or photo.withdrawn_at is not None:
            return
        picture = vault.get(db, photo.client_id, photo.large)
    numbers = decode(picture, region=GUIDES[photo.view].region).quality
    with transaction(engine) as db:
        now = db.get(Photo, photo_id)
        if now is not None and now.withdrawn_at is None and numbers:
            now.quality = asdict(replace(numbers, short_side=min(now.width, now.height)))


def relabel(db: Session, viewer: Viewer, photo: Photo, view: View, quality: Quality | None) -> None:
    """Somebody who looked at the photo says which view it is; nobody suspects it to be another one any more."""
    _refuse_outside_series(photo)
    photo.suspected_view, photo.view_said_at = None, clock.now()
    if photo.view is view:
        db.add(photo)
        return
    limits.spend(db, "relabelling", str(viewer.id), limit=IN_AN_HOUR, seconds=AN_HOUR)
    photo.view, photo.quality = view, asdict(quality) if quality else None
    judge(db, photo)
    RELABELLED.tell(db, photo)
    changed(db, viewer, photo, "photos.relabelled")


def confirm(db: Session, client: Viewer, photo: Photo) -> None:
    """“Yes, this is my scalp”: it enters the series."""
    if photo.apart_since is not None:
        photo.apart_since, photo.confirmed_at = None, clock.now()
        changed(db, client, photo, "photos.confirmed")


def keep(db: Session, client: Viewer, photo: Photo) -> None:
    """The client keeps a photo in spite of its faults, which stay marked."""
    photo.kept_at = photo.kept_at or clock.now()
    db.add(photo)
    audit.record(db, client, "photos.kept", photo, photo.client_id)


def say_hair(db: Session, client: Viewer, photo: Photo, hair: HairForm) -> None:
    """The client says how the hair was."""
    for name in HairForm.model_fields:
        setattr(photo, name, getattr(hair, name))
    changed(db, client, photo, "photos.hair-said")


def _refuse_outside_series(photo: Photo) -> None:
    if photo.view not in GUIDES:
        raise Refused("This photo belongs to a report of a side effect and stands in no series, so it has no view.")
