"""Deleting bytes so that no crash saves them: their names are rows of the transaction that closes what they were.

Right after its commit, before the answer is sent, the objects are deleted and then the rows. Whatever comes between
(a crash, a store that is away) leaves the rows, and the tick deletes what they name.
"""

import logging
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import Session, col, delete, select

from portal.derivations.models import Derivation, Discarded
from portal.kit.db import afterwards
from portal.kit.errors import Unavailable
from portal.kit.storage import beside
from portal.photos.models import Photo

log = logging.getLogger("portal.derivations")
AT_ONCE = 500


def discard(db: Session, names: Collection[str]) -> None:
    """Have these objects deleted once this transaction has committed."""
    wanted = sorted({name for name in names if name})
    if wanted:
        db.add_all(Discarded(name=name) for name in wanted)
        db.flush()
        afterwards(db, lambda later: shred(later, wanted))


def forget_client(db: Session, client_id: UUID) -> None:
    """Have every object of a client deleted, before the rows that name them go: photos and what was made of them."""
    photos = db.exec(select(Photo).where(Photo.client_id == client_id)).all()
    made = db.exec(select(Derivation.stored).where(Derivation.client_id == client_id)).all()
    discard(db, [*made, *(name for one in photos for name in (one.original, one.large, one.medium, one.small))])


def sweep(db: Session) -> None:
    """Delete what an earlier transaction named and nobody deleted; a tick."""
    shred(db, db.exec(select(Discarded.name).order_by(col(Discarded.at)).limit(AT_ONCE)).all())


def shred(db: Session, names: Sequence[str]) -> None:
    """Delete objects, then the rows that name them. Where the store is away both stay for the next sweep."""
    storage = beside(db)
    if storage is None or not names:
        return
    try:
        storage.delete(*names)
    except Unavailable:
        log.exception("what was withdrawn is not deleted yet", extra={"objects": len(names)})
        return
    for start in range(0, len(names), AT_ONCE):
        db.exec(delete(Discarded).where(col(Discarded.name).in_(names[start : start + AT_ONCE])))
