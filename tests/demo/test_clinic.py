"""The demo clinic: whole, believable, and made once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from portal.accounts.models import Person
from portal.bookings import queries as bookings
from portal.checkins import queries as check_ins
from portal.checkins.rules import State
from portal.demo import album
from portal.demo.chapters import some_days_ago
from portal.demo.clinic import fill
from portal.demo.people import SIGN_INS
from portal.kit import clock
from portal.kit.db import transaction
from portal.photos import queries as photos
from portal.side_effects import queries as side_effects
from portal.suitability import queries as suitability
from portal.worklist import queries as worklist

ASKED = (timedelta(hours=72), timedelta(days=7))

pytestmark = pytest.mark.thorough


@pytest.fixture
def demo(app, engine, monkeypatch):
    """The demo clinic on an empty database, with small photos."""
    monkeypatch.setattr(album, "SIZE", (240, 320))
    with transaction(engine) as db:
        for person in db.exec(select(Person)):
            db.delete(person)
    return app


@pytest.mark.parametrize("day", [0, 2, 5, 6])  # an ordinary one and those around Sunday
def test_it_can_be_told_on_any_day_of_the_week(demo, engine, day):
    with clock.travelled(timedelta(days=day, hours=5 * day)):
        assert fill(demo)
        with Session(engine) as db:
            _is_as_promised(db)


def test_somebody_is_asked_at_every_hour_of_the_week():
    """Treated while the clinic was open, so long ago that a question is due: asked after 72 hours or seven days."""
    for hour in range(24 * 7):
        now = datetime(2026, 3, 23, tzinfo=UTC) + timedelta(hours=hour, minutes=31)  # the clock changes on its Sunday
        begins, _ = some_days_ago(now)
        assert any(timedelta(hours=0) < now - begins - asked < timedelta(hours=22) for asked in ASKED), now


def test_it_is_told_once(demo, engine):
    assert fill(demo)
    assert not fill(demo)


def _is_as_promised(db):
    people = {person.email: person.as_viewer() for person in db.exec(select(Person))}
    assert set(people) >= {email for email, _ in SIGN_INS}
    clara, jonas, milena = (people[f"client{number}@example.test"] for number in ("", 2, 3))
    petra = people["practitioner@example.test"]
    assert bookings.past_sessions(db, clara.id)[1] == 3
    assert len(photos.photos(db, clara, clara.id)) == 15
    reports = side_effects.reports(db, clara, clara.id)
    assert [report.is_open for report in reports] == [True, False]
    assert not suitability.verdicts(db, jonas, jonas.id)
    assert bookings.upcoming(db, jonas, jonas.id)
    assert suitability.current_verdict(db, milena, milena.id).outcome == "not_suitable"
    waiting = worklist.queue(db, petra)
    assert waiting[0].kind == "side effects", "the most urgent comes first"
    assert {one.kind for one in waiting} >= {"messages", "photos", "enquiries", "check-ins"}
    _is_asked(db, people["client9@example.test"])


def _is_asked(db, hanna):
    """One answered, one missed, one due."""
    states = [state for _, state in check_ins.with_states(db, hanna, hanna.id)]
    assert states[0] is State.ANSWERED
    assert State.MISSED in states
    assert State.DUE in states
    (report,) = side_effects.reports(db, hanna, hanna.id)
    assert report.title == "Redness"
    assert not report.is_open
