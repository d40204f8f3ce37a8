"""Sealed files of one client: AES-256-GCM under the client's own data key, which is wrapped by the master key.

Erasing the wrapped key erases every photo of the client, also in backups of the store.
"""

import secrets
from uuid import UUID

from sqlmodel import Session, select

from portal.kit.crypto import seal, unseal
from portal.kit.db import insert_once
from portal.kit.storage import Storage, new_name
from portal.photos.models import PhotoKey


class Vault:
    """Puts bytes away and gets them back. `master` is 32 bytes."""

    def __init__(self, storage: Storage, master: bytes) -> None:
        self._storage, self._master = storage, master

    def put(self, key: bytes, plain: bytes) -> str:
        """Seal and store under a new random name, which is returned. On disk before this returns."""
        name = new_name()
        self._storage.put(name, seal(key, plain, name))
        return name

    def get(self, db: Session, client_id: UUID, name: str) -> bytes:
        """Raises KeyError when the file or the client's key is gone, Damaged when it was changed."""
        row = db.exec(select(PhotoKey).where(PhotoKey.client_id == client_id)).first()
        if row is None:
            raise KeyError(name)
        return unseal(self._unwrap(row), self._storage.get(name), name)

    def discard(self, names: list[str]) -> None:
        for name in names:
            self._storage.delete(name)

    def key_of(self, db: Session, client_id: UUID) -> bytes:
        """The client's data key; made at the first photo, once, however many arrive together."""
        wanted = select(PhotoKey).where(PhotoKey.client_id == client_id)
        row = db.exec(wanted).first()
        if row is None:
            wrapped = seal(self._master, secrets.token_bytes(32), str(client_id))
            new = PhotoKey(client_id=client_id, wrapped=wrapped)
            insert_once(db, PhotoKey.__table__, new.model_dump(), "client_id")  # type: ignore[attr-defined]
            row = db.exec(wanted).one()
        return self._unwrap(row)

    def _unwrap(self, row: PhotoKey) -> bytes:
        return unseal(self._master, row.wrapped, str(row.client_id))
