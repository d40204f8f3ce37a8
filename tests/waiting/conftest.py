"""A clinic at ten in the morning, with two practitioners at work and a few clients more."""

from datetime import time, timedelta

import pytest

from portal.accounts.models import Person
from portal.availability import service as availability
from portal.availability.forms import HoursForm
from portal.availability.queries import clinic_zone
from portal.availability.rules import instant
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import checked
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue


@pytest.fixture(autouse=True)
def morning(engine):
    """It is ten o'clock tomorrow: far from the quiet hours, whenever the tests run."""
    with transaction(engine, write=False) as db:
        zone = clinic_zone(db)
    now = clock.now()
    ten = instant(now.astimezone(zone).date() + timedelta(days=1), time(10), zone)
    with clock.travelled(ten - now):
        yield


@pytest.fixture
def clinic(engine, cast, morning):
    """The starting catalogue, and Bob and Erin at work each day from nine to five: (consultation, needling)."""
    with transaction(engine) as db:
        catalogue.add_starters(db)
        for who in (cast.bob, cast.erin):
            for weekday in range(7):
                row = checked(HoursForm, weekday=weekday, opens="09:00", closes="17:00").value
                availability.add_hours(db, who, row)
        return treatments.consultation(db), treatments.needling(db)


@pytest.fixture
def consultation(clinic):
    return clinic[0]


@pytest.fixture
def needling(clinic):
    return clinic[1]


@pytest.fixture
def crowd(engine):
    """Eight more clients."""
    with transaction(engine) as db:
        people = [Person(name=f"Client {n}", email=f"client{n}@example.test") for n in range(8)]
        db.add_all(people)
        db.flush()
        return [person.as_viewer() for person in people]


@pytest.fixture
def dora(crowd):
    return crowd[0]


@pytest.fixture
def eve(crowd):
    return crowd[1]


def tonight(db, hour, minute=0):
    """How long it is from now until that hour of today on the clinic's wall."""
    zone = clinic_zone(db)
    today = clock.now().astimezone(zone).date()
    return instant(today, time(hour, minute), zone) - clock.now()


def lasting(minutes):
    return clock.travelled(timedelta(minutes=minutes))
