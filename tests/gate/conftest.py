"""It is ten in the morning at the clinic, whenever the tests run."""

from datetime import time, timedelta

import pytest

from portal.availability.queries import clinic_zone
from portal.availability.rules import instant
from portal.kit import clock
from portal.kit.db import transaction


@pytest.fixture(autouse=True)
def morning(engine):
    with transaction(engine, write=False) as db:
        zone = clinic_zone(db)
    now = clock.now()
    with clock.travelled(instant(now.astimezone(zone).date() + timedelta(days=1), time(10), zone) - now):
        yield
