"""Sealed files of one client: AES-256-GCM under the client's own data key, which is wrapped by the master key.

Erasing the wrapped key erases every photo of the client, also in backups of the store.
"""

import contextlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from sqlmodel import Session, select

from portal.kit.crypto import seal, unseal
from portal.kit.db import insert_once
from portal.kit.errors import Unavailable
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

    def put_all(self, key: bytes, parts: Mapping[str, bytes]) -> dict[str, str]:
        """The same for several: all of them are stored, or none. Raises Unavailable."""
        names: dict[str, str] = {}
        with self.discarding(names.values()):
            for part, plain in parts.items():
                names[part] = self.put(key, plain)
        return names

    @contextlib.contextmanager
    def discarding(self, names: Iterable[str]) -> Iterator[None]:
        """Delete these when the block fails: no row will ever name them."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(Unavailable):  # the store is away: the weekly check finds them
                self.discard(list(names))
            raise

    def get(self, db: Session, client_id: UUID, name: str) -> bytes:
        """Raises KeyError when the file or the client's key is gone, Damaged when it was changed."""
        key = self.key_if_any(db, client_id)
        if key is None:
            raise KeyError(name)
        return self.open(key, name)

    def open(self, key: bytes, name: str) -> bytes:
        """The same with the client's key at hand. Raises KeyError, Damaged."""
        return unseal(key, self._storage.get(name), name)

    def key_if_any(self, db: Session, client_id: UUID) -> bytes | None:
        """The client's data key, or None when there is none, or none any more."""
        row = db.exec(select(PhotoKey).where(PhotoKey.client_id == client_id)).first()
        return self._unwrap(row) if row else None

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
