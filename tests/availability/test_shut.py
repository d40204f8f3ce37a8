"""Whoever goes away is told how many appointments that touches."""

from datetime import timedelta

from portal.availability import service
from portal.availability.forms import TimeOffForm
from portal.kit import clock
from portal.kit.forms import checked
from tests.make_availability import a_week
from tests.make_bookings import a_consultation
from tests.make_suitability import a_consultation as offered


def test_time_off_says_how_many_appointments_lie_in_it(db, alice, bob, erin):
    offered(db)
    for who in (bob, erin):
        a_week(db, who)
    booked = a_consultation(db, alice, bob, in_days=3)
    day = booked.starts_at.date()
    away = checked(TimeOffForm, first_day=day, last_day=day).value
    assert service.add_time_off(db, erin, away).booked == 0
    assert service.add_time_off(db, bob, away).booked == 1
    later = checked(TimeOffForm, first_day=clock.now().date() + timedelta(9), last_day=day + timedelta(30)).value
    assert service.add_time_off(db, bob, later).booked == 0
