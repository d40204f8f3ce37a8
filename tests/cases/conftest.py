"""Alice's report after a session whose record names what was used."""

from datetime import timedelta

import pytest

from portal.kit import clock
from portal.kit.db import transaction
from tests.make_records import a_signed_record
from tests.make_side_effects import a_report

USED = {"topical": "Serum B", "topical_lot": "S-9", "anaesthetic": "Lidocaine 4 %"}


def _reported(db, bob, alice, **answers):
    with clock.travelled(timedelta(days=-5)):
        record = a_signed_record(db, bob, alice, **USED)
    assert record.appointment_id
    return a_report(db, alice, **answers)


@pytest.fixture
def report(db, alice, bob):
    """Seen by the tests of services."""
    return _reported(db, bob, alice, products=["used_minoxidil"], zones=["mid"], note="Alice here, it itches.")


@pytest.fixture
def stored(engine, alice, bob):
    """The same, seen by every browser."""
    with transaction(engine) as db:
        return _reported(db, bob, alice, products=["used_minoxidil"], zones=["mid"], note="Alice here, it itches.")
