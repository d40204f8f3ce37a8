"""The bytes of a photo, checked at each request against who may see it now: renditions; the original as a download."""

import logging
from enum import StrEnum
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from portal.accounts.auth import SignedIn
from portal.audit import service as audit
from portal.kit.crypto import Damaged
from portal.kit.errors import NotFound
from portal.kit.routing import Db, Router
from portal.photos import queries
from portal.photos.rules import NAMES
from portal.photos.vault import Vault

router = Router(prefix="/photos")
log = logging.getLogger("portal.photos")
_TYPES = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "HEIF": ("image/heic", "heic"),
}


class Size(StrEnum):
    """The renditions by their longest side: 320, 1024, 2048 pixels."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


def vault_of(request: Request) -> Vault:
    """The vault of this application."""
    return Vault(request.app.state.storage, request.app.state.photo_master)


@router.get("/{photo_id}/{size}.jpg", name="photos:image")
def image(request: Request, db: Db, viewer: SignedIn, photo_id: UUID, size: Size) -> Response:
    photo = queries.photo(db, viewer, photo_id)
    if size is not Size.SMALL:
        audit.seen(db, viewer, "photos.image-seen", photo.client_id, photo)
    data = _open(request, db, photo.client_id, getattr(photo, size.value))
    return Response(
        data, media_type="image/jpeg", headers={"cache-control": "private, no-store", "content-disposition": "inline"}
    )


@router.get("/{photo_id}/original", name="photos:original")
def original(request: Request, db: Db, viewer: SignedIn, photo_id: UUID) -> Response:
    photo = queries.photo(db, viewer, photo_id)
    audit.seen(db, viewer, "photos.original-taken", photo.client_id, photo)
    kind, ending = _TYPES[photo.format]
    day = photo.taken_on or photo.received_at.date()
    name = f"{NAMES[photo.view].lower().replace(' ', '-')}-{day}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(_open(request, db, photo.client_id, photo.original), media_type=kind, headers=headers)


def _open(request: Request, db: Db, client_id: UUID, name: str) -> bytes:
    try:
        return vault_of(request).get(db, client_id, name)
    except KeyError as error:
        raise NotFound("This photo is not there any more.") from error
    except Damaged as error:
        log.exception("a stored photo does not open", extra={"object": name})
        raise NotFound("This photo cannot be opened any more. Please tell us; we look after it.") from error
