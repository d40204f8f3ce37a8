"""Noon on a Tuesday in Berlin, and a way to be so many hours later."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.kit import clock
from portal.kit.db import transaction
from tests.make_questionnaires import health_answers

NOON = datetime(2027, 3, 2, 12, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def noon():
    return NOON


@pytest.fixture
def after(noon):
    """`after(6)`: everything inside happens six hours after noon."""

    @contextmanager
    def travel(hours: float):
        with clock.travelled(noon + timedelta(hours=hours) - clock.now()):
            yield

    return travel


@pytest.fixture
def healthy(engine, alice, after):
    """Alice has answered the health questions: no threshold is lowered."""
    with after(-100), transaction(engine) as db:
        health_answers(db, alice)
