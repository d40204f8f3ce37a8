"""Open is while somebody is at work: without breaks, leave, and what is closed where they would be."""

from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.availability.rules import Span, Window
from portal.availability.slots import Calendar, Closed, Worker
from portal.escalations import opening

BOB, ERIN, HERE, THERE = (UUID(int=number) for number in range(1, 5))


def at(hour: int) -> datetime:
    return datetime(2026, 3, 3, hour, tzinfo=UTC)


def calendar(*workers: Worker, closed: tuple[Closed, ...] = ()) -> Calendar:
    return Calendar(ZoneInfo("UTC"), [date(2026, 3, 3)], workers, 15, closed)


def test_breaks_and_leave_are_no_work():
    bob = Worker(BOB, "Bob", [Window(at(9), at(17))], [Span(at(12), at(13)), Span(at(15), at(20))])
    assert opening.at_work(calendar(bob)) == {BOB: [Span(at(9), at(12)), Span(at(13), at(15))]}


def test_a_place_that_is_closed_closes_what_is_there_and_the_clinic_closes_all():
    bob = Worker(BOB, "Bob", [Window(at(9), at(12), HERE), Window(at(13), at(17), THERE)])
    assert opening.open_hours(calendar(bob, closed=(Closed(at(8), at(18), HERE),))) == [Span(at(13), at(17))]
    assert opening.open_hours(calendar(bob, closed=(Closed(at(10), at(14)),))) == [
        Span(at(9), at(10)),
        Span(at(14), at(17)),
    ]


def test_one_at_work_is_enough():
    bob = Worker(BOB, "Bob", [Window(at(9), at(12))])
    erin = Worker(ERIN, "Erin", [Window(at(11), at(14)), Window(at(16), at(17))])
    assert opening.open_hours(calendar(bob, erin)) == [Span(at(9), at(14)), Span(at(16), at(17))]
    assert opening.open_hours(calendar()) == []
