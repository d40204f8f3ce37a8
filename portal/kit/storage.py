"""Private objects under random names: in a local folder, or an S3-compatible store; sealed before they get here.

Order of writing: the object and its directory reach the disk (fsync) before any row points at it.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import obstore
from obstore.store import from_url

from portal.kit.errors import Unavailable

_NAME = re.compile(r"[a-z0-9]{2}/[a-z0-9]{30,}")


class Storage(Protocol):
    """What the portal needs of an object store. Names come from `new_name`; `get` raises KeyError when absent."""

    def put(self, name: str, sealed: bytes) -> None: ...
    def get(self, name: str) -> bytes: ...
    def delete(self, name: str) -> None: ...
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
            raise Unavailable("Photos cannot be opened just now. Please try again later.") from error

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        for path in self.folder.glob("??/*"):
            if not path.name.startswith("."):
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

    def delete(self, name: str) -> None:
        obstore.delete(self._store, name)

    def names(self) -> Iterator[str]:
        for batch in obstore.list(self._store):
            yield from (str(item["path"]) for item in batch)


def open_storage(setting: str, folder: Path) -> Storage:
    """`local` → the uploads folder; anything else is an address of a bucket."""
    return LocalStorage(folder) if setting == "local" else BucketStorage(setting)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
