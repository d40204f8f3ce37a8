"""A client in the middle of a course, for whom everything is open: two sessions booked, a time offered, two to book."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session
from starlette.testclient import TestClient

from portal.accounts.rules import Viewer
from portal.availability.queries import clinic_zone
from portal.availability.rules import instant
from portal.bookings import queries, service
from portal.bookings.models import Appointment
from portal.bookings.rules import FreedTime
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import transaction
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment
from portal.waiting import queries as waiting
from portal.waiting import service as waiting_service
from tests.make_availability import a_week
from tests.make_questionnaires import health_answers
from tests.make_suitability import a_course, a_needling, a_verdict
from tests.make_waiting import waits
from tests.people import Cast

REST = 7
FIRST, SECOND, OFFERED, NEW, LAST = 28, 36, 43, 50, 58  # days from today


@dataclass
class World:
    """Where the paths begin. `browsers`: one for each name of the cast."""

    engine: Engine
    cast: Cast
    browser: Callable[[Viewer], TestClient]
    run_jobs: Callable[[], int]
    first: UUID
    second: UUID
    offer: UUID

    @contextmanager
    def db(self) -> Iterator[Session]:
        with transaction(self.engine) as db:
            yield db

    def slot(self, days: int, hour: int = 10) -> str:
        """How a form names a time with Bob."""
        with self.db() as db:
            return f"{at(db, days, hour).isoformat()}/{self.cast.bob.id}"

    def appointment(self, db: Session, appointment_id: UUID) -> Appointment:
        return queries.appointment(db, self.cast.bob, appointment_id)


def at(db: Session, days: int, hour: int = 10) -> datetime:
    """That hour on the clinic's wall, so many days from today."""
    zone = clinic_zone(db)
    return instant(clock.now().astimezone(zone).date() + timedelta(days=days), time(hour), zone)


def make(engine: Engine, cast: Cast, browser: Callable[[Viewer], TestClient], run_jobs: Callable[[], int]) -> World:
    """Alice may have six sessions a week apart; two are booked by herself, and a time is offered from the list."""
    alice, bob = cast.alice, cast.bob
    with transaction(engine) as db:
        needling = _set_up(db, cast)
        first = service.book(db, alice, alice.id, needling, bob.id, at(db, FIRST))
        second = service.book(db, alice, alice.id, needling, bob.id, at(db, SECOND))
        waits(db, alice, needling)
        waiting_service.freed(db, FreedTime(bob.id, at(db, OFFERED), at(db, OFFERED, 12)))
    with transaction(engine) as db:
        assert waiting_service.offer_next(db)
        (offer,) = waiting.every_open_offer(db)
    return World(engine, cast, browser, run_jobs, first.id, second.id, offer.id)


def _set_up(db: Session, cast: Cast) -> Treatment:
    policy = clinic.stored_policy(db)
    policy.waiting_grace_minutes, policy.horizon_days, policy.most_open = 0, 100, 10
    needling = a_needling(db)
    needling.interval_days = REST
    a_week(db, cast.bob)
    a_week(db, cast.erin)
    health_answers(db, cast.alice)
    a_verdict(db, cast.bob, cast.alice, valid_until=clock.now().date() + timedelta(days=170))
    a_course(db, cast.bob, cast.alice, interval_days=REST, zones=["vertex"], depth_mm=1.0)
    db.flush()
    return treatments.needling(db)
