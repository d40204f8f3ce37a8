"""A clinic at work: the catalogue, a week for Bob and Erin, and an appointment of Alice's with Bob."""

import threading
import time

import pytest
import uvicorn

from portal.kit.db import transaction
from portal.treatments import service as catalogue
from tests.make_availability import a_week
from tests.make_bookings import a_consultation
from tests.tools.ports import free_port


@pytest.fixture
def at_work(engine, cast):
    with transaction(engine) as db:
        catalogue.add_starters(db)
        a_week(db, cast.bob)
        a_week(db, cast.erin)


@pytest.fixture
def booked(at_work, engine, cast):
    """Alice's consultation with Bob, five days from now, at ten."""
    with transaction(engine) as db:
        return a_consultation(db, cast.alice, cast.bob, in_days=5, hour=10)


@pytest.fixture
def address(app, engine):
    """The portal, served on loopback in this process."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
