"""A vault over the store of the test, which the test's database knows."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from portal.kit.storage import keep_beside
from portal.photos.vault import Vault


@pytest.fixture
def vault(app: FastAPI, engine: Engine) -> Vault:
    keep_beside(engine, app.state.storage)
    return Vault(app.state.storage, app.state.photo_master)
