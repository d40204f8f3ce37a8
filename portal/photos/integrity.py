"""Is every file still there, and what it was? Compares the rows with the store, opens every object, deletes nothing.

A walk in steps, each a job of its own, so that it never holds a transaction and may take hours: rows are read a page at
a time, then their objects are opened without one (GCM proves that not a bit has changed). Then what lies in the store
is looked for among the names that somebody knows. What seems wrong is looked at once more an hour later: a photo may
have been on its way in or out. Only then does the check end.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from portal.kit import clock
from portal.kit.crypto import Damaged
from portal.kit.db import transaction
from portal.kit.jobs import Handler, Surroundings, enqueue
from portal.photos.models import Photo, StorageCheck
from portal.photos.vault import Vault

log = logging.getLogger("portal.photos")
STEP = "photos.check-storage"
PAGE = 100
MOST_NAMED = 300
LOOK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tracked:
    """The objects one row names, sealed with the key of one client."""

    row_id: UUID
    client_id: UUID
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A table that names objects. `page(db, after, limit)` gives the rows after that id, in the order of ids;
    `known(db)` every name, also of what waits to be deleted.
    """

    page: Callable[[Session, UUID | None, int], Sequence[Tracked]]
    known: Callable[[Session], Iterable[str]]


def photos(db: Session, after: UUID | None, limit: int) -> Sequence[Tracked]:
    """The objects of photos that were not withdrawn."""
    wanted = select(Photo).where(col(Photo.withdrawn_at).is_(None)).order_by(col(Photo.id)).limit(limit)
    if after is not None:
        wanted = wanted.where(Photo.id > after)
    return [Tracked(photo.id, photo.client_id, photo.names) for photo in db.exec(wanted)]


def photo_names(db: Session) -> Iterator[str]:
    """Every name of an object that belongs to a photo."""
    columns = (Photo.original, Photo.large, Photo.medium, Photo.small)
    for names in db.exec(select(*columns).where(col(Photo.withdrawn_at).is_(None))):
        yield from names


PHOTOS = Shelf(photos, photo_names)


def begin(db: Session) -> bool:
    """A check a week; a tick. False when this week's was begun before."""
    year, week, _ = clock.now().isocalendar()
    return enqueue(db, STEP, f"{STEP}:{year}-{week:02}", {})


def latest(db: Session) -> StorageCheck | None:
    """The newest check that came to its end."""
    ended = select(StorageCheck).where(col(StorageCheck.ended_at).is_not(None))
    return db.exec(ended.order_by(col(StorageCheck.ended_at).desc())).first()


def finding(check: StorageCheck | None) -> str | None:
    """What is wrong, as a sentence with the way out; None when all is well or nothing was checked yet."""
    if check is None or check.is_well:
        return None
    return (
        f"Photos: of {check.looked_at} files {check.missing_count} are missing, {check.changed_count} do not open and"
        f" {check.untracked_count} belong to nothing. Nothing was deleted. See the admin page “Mail and jobs”."
    )


def job(shelves: Sequence[Shelf]) -> Handler:
    """The handler of every step. `shelves`: all tables that name objects; photos come first."""

    def step(surroundings: Surroundings, payload: dict[str, Any]) -> None:
        walk = _Walk(surroundings, shelves, payload)
        if "check" not in payload:
            walk.start()
        elif payload.get("again"):
            walk.look_again()
        elif payload["shelf"] < len(shelves):
            walk.open_page()
        else:
            walk.look_for_strays()

    return step


class _Walk:
    """One step of one check. What a step found is noted in the transaction that enqueues the next step: a step that is
    run twice, because its worker died, notes it once.
    """

    def __init__(self, surroundings: Surroundings, shelves: Sequence[Shelf], payload: dict[str, Any]) -> None:
        self.engine, self.shelves, self.payload = surroundings.engine, shelves, payload
        self.storage = surroundings.app.storage
        self.vault = Vault(self.storage, surroundings.app.photo_master)

    def start(self) -> None:
        with transaction(self.engine) as db:
            check = StorageCheck()
            db.add(check)
            db.flush()
            _next(db, check, shelf=0, after=None)

    def open_page(self) -> None:
        number, after = self.payload["shelf"], self.payload["after"]
        with transaction(self.engine, write=False) as db:
            rows = self.shelves[number].page(db, UUID(after) if after else None, PAGE)
            keys = {client_id: self._key(db, client_id) for client_id in {row.client_id for row in rows}}
        looks = [(name, self._look(keys[row.client_id], name)) for row in rows for name in row.names]
        further = {"shelf": number, "after": str(rows[-1].row_id)} if rows else {"shelf": number + 1, "after": None}
        with transaction(self.engine) as db:
            check = self._check(db)
            if _next(db, check, **further):
                check.looked_at += len(looks)
                _note(check, "missing", [name for name, seen in looks if seen == "missing"])
                _note(check, "changed", [name for name, seen in looks if seen == "changed"])

    def look_for_strays(self) -> None:
        stored = set(self.storage.names())
        strays = sorted(stored - self._known())
        with transaction(self.engine) as db:
            check = self._check(db)
            wrong = bool(strays) or not check.is_well
            if not wrong:
                check.ended_at = clock.now()
            elif _next(db, check, again=True, at=clock.now() + LOOK_AGAIN):
                _note(check, "untracked", strays)

    def look_again(self) -> None:
        known, stored = self._known(), set(self.storage.names())
        with transaction(self.engine) as db:
            check = self._check(db)
            _keep(check, "missing", known - stored)
            _keep(check, "changed", known & stored)
            _keep(check, "untracked", stored - known)
            check.ended_at = clock.now()
            if not check.is_well:
                log.error(finding(check))

    def _key(self, db: Session, client_id: UUID) -> bytes | None:
        try:
            return self.vault.key_if_any(db, client_id)
        except Damaged:
            return None

    def _look(self, key: bytes | None, name: str) -> str:
        """Raises Unavailable when the store is away: the job is tried again."""
        try:
            if key is None:
                return "changed"
            self.vault.open(key, name)
        except KeyError:
            return "missing"
        except Damaged:
            return "changed"
        return "whole"

    def _known(self) -> set[str]:
        with transaction(self.engine, write=False) as db:
            return {name for shelf in self.shelves for name in shelf.known(db)}

    def _check(self, db: Session) -> StorageCheck:
        return db.exec(select(StorageCheck).where(StorageCheck.id == UUID(self.payload["check"]))).one()


def _next(db: Session, check: StorageCheck, at: datetime | None = None, **payload: Any) -> bool:
    key = ":".join((STEP, str(check.id), *(str(value) for value in payload.values())))
    return enqueue(db, STEP, key, {"check": str(check.id), **payload}, at)


def _note(check: StorageCheck, kind: str, names: Sequence[str]) -> None:
    setattr(check, f"{kind}_count", getattr(check, f"{kind}_count") + len(names))
    setattr(check, kind, [*getattr(check, kind), *names][:MOST_NAMED])


def _keep(check: StorageCheck, kind: str, names: set[str]) -> None:
    """Of what was noted keep what is still so."""
    noted = getattr(check, kind)
    still = [name for name in noted if name in names]
    setattr(check, kind, still)
    setattr(check, f"{kind}_count", getattr(check, f"{kind}_count") - len(noted) + len(still))
