"""Alice's crown: three photos a month apart, measured; the third was taken with wet hair."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from portal.accounts.rules import Viewer
from portal.kit.db import transaction
from portal.kit.storage import keep_beside
from portal.photos.rules import Wetness
from portal.photos.vault import Vault
from tests.comparison.make_series import a_stored_photo, measured


@dataclass(frozen=True)
class Crown:
    """The ids of the photos of one series, and the pages about it."""

    client: UUID
    first: UUID
    second: UUID
    wet: UUID

    def pair(self, before: UUID, after: UUID) -> str:
        return f"/photos/compare?view=crown&before={before}&after={after}"

    @property
    def of_client(self) -> str:
        return f"/clients/{self.client}/photos"


@pytest.fixture
def vault(app: FastAPI, engine: Engine) -> Vault:
    keep_beside(engine, app.state.storage)
    return Vault(app.state.storage, app.state.photo_master)


@pytest.fixture
def crown(engine: Engine, vault: Vault, alice: Viewer) -> Crown:
    with transaction(engine) as db:
        first = date(2026, 3, 1)
        days = [first + timedelta(days=30 * month) for month in range(3)]
        sent = [a_stored_photo(db, vault, alice.id, day, 80 + 40 * month) for month, day in enumerate(days)]
        for number, photo in enumerate(sent):
            measured(db, vault, photo, sent[0], value=40 + number)
        sent[2].wetness = Wetness.WET
        db.add(sent[2])
        return Crown(alice.id, *(photo.id for photo in sent))
