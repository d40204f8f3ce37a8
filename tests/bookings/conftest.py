"""The clinic's catalogue, a working week for Bob and Erin, and a verdict that opens the gate for Alice."""

from datetime import timedelta

import pytest

from portal.kit import clock
from portal.kit.db import make_engine, transaction
from portal.kit.forms import checked
from portal.suitability import service as suitability
from portal.suitability.forms import VerdictForm
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from tests.make_availability import a_week
from tests.make_consents import a_signed_consent
from tests.make_suitability import a_course


@pytest.fixture
def wide(engine):
    """The same database for many threads: who waits does so in it, not for a connection."""
    made = make_engine(engine.url.render_as_string(hide_password=False), 64)
    yield made
    made.dispose()


@pytest.fixture
def clinic_day(engine, cast):
    """Two practitioners at work, the starting catalogue: stored, so that every transaction of a test sees it."""
    with transaction(engine) as db:
        catalogue.add_starters(db)
        a_week(db, cast.bob)
        a_week(db, cast.erin)
        return treatments.consultation(db), treatments.needling(db)


@pytest.fixture
def consultation(clinic_day):
    return clinic_day[0]


@pytest.fixture
def needling(clinic_day):
    return clinic_day[1]


@pytest.fixture
def suitable(engine, cast, needling):
    """Alice may have four sessions within half a year, from tomorrow on, and has signed her consent."""
    with transaction(engine) as db:
        a_signed_consent(db, cast.alice, needling)
        return suitability.sign_verdict(db, cast.bob, cast.alice.id, a_yes(needling))


@pytest.fixture
def course(engine, alice, bob, suitable):
    """Alice's four sessions, four weeks apart, each within a week."""
    with transaction(engine) as db:
        return a_course(db, bob, alice)


def a_yes(treatment, sessions=4, days=170):
    return checked(
        VerdictForm,
        outcome="suitable",
        reasons="Your scalp is healthy.",
        treatment_id=treatment.id,
        sessions=sessions,
        zones=["vertex"],
        max_depth_mm=1.0,
        valid_until=clock.now().date() + timedelta(days=days),
    ).value
