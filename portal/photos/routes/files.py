"""The bytes of a photo, checked at each request against who may see it now. Pages show renditions; the original, as it
was sent, is only ever downloaded, and each time written down.
"""

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
from portal.photos import queries, service
from portal.photos.vault import Vault

router = Router(prefix="/photos")
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}
ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "HEIF": "heic"}
log = logging.getLogger("portal.photos")


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
    data = _open(request, db, photo.client_id, photo.original)
    if request.method != "HEAD":  # which gets no byte of it
        service.hand_out(db, viewer, photo)
    named = f'attachment; filename="photo.{ENDINGS[photo.format]}"'
    headers = {"cache-control": "private, no-store", "content-disposition": named, "x-content-type-options": "nosniff"}
    return Response(data, media_type=TYPES[photo.format], headers=headers)


def _open(request: Request, db: Db, client_id: UUID, name: str) -> bytes:
    try:
        return vault_of(request).get(db, client_id, name)
    except KeyError as error:
        raise NotFound("This photo is not there any more.") from error
    except Damaged as error:
        log.exception("a stored photo does not open", extra={"object": name})
        raise NotFound("This photo cannot be opened any more. Please tell us; we look after it.") from error
