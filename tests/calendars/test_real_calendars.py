"""The feed as two real calendar programs read it over HTTP: new, moved and cancelled all arrive, once and silently."""

from datetime import UTC, timedelta

import pytest

from portal.bookings import service as bookings
from portal.bookings.models import Appointment
from portal.calendars import service
from portal.calendars.rules import Detail
from portal.kit import clock
from portal.kit.db import transaction
from tests.make_bookings import a_consultation, at_clinic
from tests.tools.calendars import CalendarUser

pytestmark = pytest.mark.thorough


@pytest.fixture
def calendar(address, at_work, engine, alice, tmp_path):
    """Alice's calendar program, subscribed to her address."""
    with transaction(engine) as db:
        token = service.make_feed(db, alice, Detail.PLAIN)
    home = tmp_path / "calendar-user"
    home.mkdir()
    return CalendarUser(home, f"{address}/calendar/{token}.ics")


@pytest.fixture
def shown(calendar):
    """Follows the feed and says what the program then shows of the next weeks."""

    def look():
        calendar.sync()
        today = clock.now().date()
        return calendar.listed(today, today + timedelta(days=30))

    return look


def line(moment):
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} Appointment"


def test_new_moved_and_cancelled_all_arrive(engine, calendar, shown, alice, bob):
    assert shown() == []
    with transaction(engine) as db:
        one = a_consultation(db, alice, bob, in_days=5, hour=10)
    first = line(one.starts_at)
    assert shown() == [first]
    with transaction(engine) as db:
        later = at_clinic(db, one.starts_at.date() + timedelta(days=2), 15)
        bookings.move(db, bob, db.get_one(Appointment, one.id), later, bob.id, "away")
    assert shown() == [line(later)]
    with transaction(engine) as db:
        bookings.cancel(db, bob, db.get_one(Appointment, one.id), "ill")
    assert shown() == [f"CANCELLED {line(later)}"]
    (file,) = calendar.files()
    assert "STATUS:CANCELLED" in file
    assert "SEQUENCE:2" in file


def test_what_is_long_cancelled_leaves_the_calendar(engine, calendar, shown, alice, bob, charlie):
    with transaction(engine) as db:
        one = a_consultation(db, alice, bob, in_days=5, hour=10)
        bookings.cancel(db, bob, one, "ill")
        other = a_consultation(db, alice, bob, in_days=6, hour=10)
    assert len(shown()) == 2
    with transaction(engine) as db:
        db.get_one(Appointment, one.id).cancelled_at = clock.now() - timedelta(weeks=5)
    assert shown() == [line(other.starts_at)]


def test_a_revoked_address_is_an_error_for_the_program_and_nothing_is_lost(engine, calendar, shown, alice, bob):
    with transaction(engine) as db:
        one = a_consultation(db, alice, bob, in_days=5, hour=10)
    assert shown() == [line(one.starts_at)]
    with transaction(engine) as db:
        service.revoke_feed(db, alice)
    with pytest.raises(RuntimeError, match="Not Found"):
        calendar.sync()
    assert len(calendar.files()) == 1
