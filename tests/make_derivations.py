"""Photos and pictures made of them, for tests, made through the services."""

import functools
import itertools
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.derivations import service
from portal.derivations.models import Derivation
from portal.derivations.rules import DerivationKind, Use
from portal.photos import service as photos
from portal.photos.decode import Decoded, decode
from portal.photos.models import Photo
from portal.photos.service import Upload
from portal.photos.vault import Vault
from portal.photos.views import View
from tests.make import a_jpeg

_numbers = itertools.count()
TAKEN = date(2026, 3, 1)


def a_photo(db: Session, vault: Vault, client: Viewer, view: View = View.CROWN, taken_on: date = TAKEN) -> Photo:
    """One of the client's photos; every one another file, decoded once for all."""
    raw = a_jpeg() + f"number {next(_numbers)}".encode()
    return photos.store(db, vault, client, client.id, Upload(raw, "IMG.jpg", view, taken_on), _decoded()).photo


def a_derivation(
    db: Session,
    vault: Vault,
    client: Viewer,
    sources: Sequence[UUID],
    kind: DerivationKind = DerivationKind.CROP,
    use: Use = Use.RECORD,
    actor: Viewer | None = None,
) -> Derivation:
    """A small picture made of these."""
    media_type = "application/pdf" if kind is DerivationKind.PDF else "image/jpeg"
    return service.make(db, vault, actor, client.id, kind, use, a_jpeg(), (640, 480), sources, media_type)


def names_of(photo: Photo) -> list[str]:
    """The objects of a photo in the store."""
    return [photo.original, photo.large, photo.medium, photo.small]


@functools.cache
def _decoded() -> Decoded:
    return decode(a_jpeg(), "IMG.jpg")
