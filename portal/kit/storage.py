"""Private objects under random names: in a local folder, or an S3-compatible store; sealed before they get here.

Order of writing: the object and its directory reach the disk (fsync) before any row points at it.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import obstore
import sqlalchemy as sa
from obstore.store import from_url
from sqlmodel import Session

from portal.kit import clock
from portal.kit.errors import Unavailable

_NAME = re.compile(r"[a-z0-9]{2}/[a-z0-9]{30,}")
_WRITING = timedelta(hours=1)
_NOT_OPENED = "Photos cannot be opened just now. Please try again later."
_NOT_LISTED = "The photos in the store cannot be listed just now. Please try again later."
_NOT_DELETED = "Photos cannot be deleted just now. We try again by ourselves."


class Storage(Protocol):
    """What the portal needs of an object store. Names come from `new_name`; `get` raises KeyError when absent, `delete`
    minds nothing that is absent; `names` also gives what a crash left half-written; each raises Unavailable when the
    store is away.
    """

    def put(self, name: str, sealed: bytes) -> None: ...
    def get(self, name: str) -> bytes: ...
    def delete(self, *names: str) -> None: ...
    def names(self) -> Iterator[str]: ...


def new_name() -> str:
    """A random object name, spread over 256 folders."""
    digits = secrets.token_hex(20)
    return f"{digits[:2]}/{digits[2:]}"


class LocalStorage:
    """A folder only this process's user may enter. A reader sees a whole file or none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, name: str, sealed: bytes) -> None:
        path = self._path(name)
        part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(exist_ok=True, mode=0o700)
            with open(part, "wb", opener=_private) as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
            _sync_folder(path.parent)
            _sync_folder(self.folder)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink()
            raise Unavailable(
                "The file could not be stored just now. Nothing was saved; please try again later."
            ) from error

    def get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except OSError as error:
            if isinstance(error, FileNotFoundError) and self.folder.is_dir():
                raise KeyError(name) from error
            raise Unavailable(_NOT_OPENED) from error

    def delete(self, *names: str) -> None:
        paths = [self._path(name) for name in names]
        if not self.folder.is_dir():
            raise Unavailable(_NOT_DELETED)  # the disk is away: what lies there is not gone
        try:
            for path in paths:
                path.unlink(missing_ok=True)
            for folder in {path.parent for path in paths if path.parent.is_dir()}:
                _sync_folder(folder)  # or a power cut brings the file back
        except OSError as error:
            raise Unavailable(_NOT_DELETED) from error

    def names(self) -> Iterator[str]:
        if not self.folder.is_dir():
            raise Unavailable(_NOT_LISTED)
        for path in self.folder.glob("??/*"):
            if not path.name.startswith(".") or _is_left_behind(path):
                yield f"{path.parent.name}/{path.name}"

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise KeyError(name)
        return self.folder / name


class BucketStorage:
    """A bucket at any address obstore knows, for instance `s3://bucket/prefix`; keys from its own environment."""

    def __init__(self, address: str) -> None:
        self._store = from_url(address)

    def put(self, name: str, sealed: bytes) -> None:
        try:
            obstore.put(self._store, name, sealed)
        except Exception as error:  # the library raises many kinds; each means the store did not take it
            raise Unavailable(
                "The file could not be stored just now. Nothing was saved; please try again later."
            ) from error

    def get(self, name: str) -> bytes:
        try:
            return bytes(obstore.get(self._store, name).bytes())
        except FileNotFoundError as error:
            raise KeyError(name) from error
        except Exception as error:  # as in `put`
            raise Unavailable(_NOT_OPENED) from error

    def delete(self, *names: str) -> None:
        try:
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    obstore.delete(self._store, name)
        except Exception as error:  # as in `put`
            raise Unavailable(_NOT_DELETED) from error

    def names(self) -> Iterator[str]:
        try:
            for batch in obstore.list(self._store):
                yield from (str(item["path"]) for item in batch)
        except Exception as error:  # as in `put`
            raise Unavailable(_NOT_LISTED) from error


def open_storage(setting: str, folder: Path) -> Storage:
    """`local` → the uploads folder; anything else is an address of a bucket."""
    return LocalStorage(folder) if setting == "local" else BucketStorage(setting)


def keep_beside(engine: sa.Engine, storage: Storage) -> None:
    """Say which store belongs to a database, so that what deletes rows can delete their objects after the commit."""
    engine.update_execution_options(storage=storage)


def beside(db: Session) -> Storage | None:
    """The store that belongs to this database; None where nobody said."""
    found: Storage | None = db.get_bind().get_execution_options().get("storage")
    return found


def _is_left_behind(path: Path) -> bool:
    """Whether a file that is being written has been so for an hour: its writer is no more."""
    try:
        return path.stat().st_mtime < (clock.now() - _WRITING).timestamp()
    except FileNotFoundError:  # it has its name by now
        return False


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
