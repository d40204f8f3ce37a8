"""A clinic that works from nine to five in Berlin, and a way to let its minutes pass."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.kit import clock
from portal.kit.db import transaction
from portal.side_effects.rules import Level
from tests.make_availability import a_week
from tests.make_escalations import a_case, a_minute

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def at_work(engine, bob, erin):
    """Bob and Erin from nine to five, every day of the week."""
    with transaction(engine) as db:
        a_week(db, bob)
        a_week(db, erin)


@pytest.fixture
def at():
    """A moment on the clinic's clock, or any aware one: everything inside the block happens then."""

    @contextmanager
    def travel(moment: str | datetime):
        when = datetime.fromisoformat(moment).replace(tzinfo=BERLIN) if isinstance(moment, str) else moment
        with clock.travelled(when - clock.now()):
            yield when

    return travel


@pytest.fixture
def minutes(engine):
    """`minutes(start, end)` lets the portal live through them, every five minutes or as told.

    A tick comes some seconds after what is due at that minute, as it does in life.
    """

    def run(start: datetime, end: datetime, every: timedelta = timedelta(minutes=5)) -> None:
        moment = start
        while moment <= end:
            with clock.travelled(moment + timedelta(seconds=10) - clock.now()):
                a_minute(engine)
            moment += every

    return run


@pytest.fixture
def urgent(engine, alice, at):
    """On a Saturday night."""
    with at("2027-03-06T23:50"), transaction(engine) as db:
        return a_case(db, alice)


@pytest.fixture
def today(engine, alice, at_work, at):
    """A report that needs a person within a day, an hour before the clinic closes."""
    with at("2027-03-02T16:00"), transaction(engine) as db:
        return a_case(db, alice, Level.DAY)
