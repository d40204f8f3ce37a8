"""A process that withdraws a photo and is killed after the commit, before a byte is deleted: run by test_shredding."""

import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import portal.features  # noqa: F401 - everything that listens to a withdrawal
from portal.accounts import queries as people
from portal.derivations import service
from portal.kit.db import make_engine, transaction
from portal.kit.storage import LocalStorage, keep_beside
from portal.photos.models import Photo


class Dying(LocalStorage):
    """A store in whose arms the process dies."""

    def delete(self, *names: str) -> None:
        assert names, "there is something to delete"
        os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, folder: str, photo_id: str) -> None:
    """Withdraw, and die."""
    engine = make_engine(url)
    keep_beside(engine, Dying(Path(folder)))
    with transaction(engine) as db:
        photo = db.get_one(Photo, UUID(photo_id))
        service.withdraw_photo(db, people.person(db, photo.client_id).as_viewer(), photo)


if __name__ == "__main__":
    main(*sys.argv[1:])
