"""What tests of whole courses share."""

from datetime import timedelta

from portal.availability import queries as availability
from portal.bookings import whole_course
from portal.bookings.forms import Chosen
from portal.bookings.whole_course import Wish
from portal.kit import clock

DAY = timedelta(days=1)


def local_day(db, at):
    return at.astimezone(availability.clinic_zone(db)).date()


def first_choice(proposal):
    return [Chosen(line.offers[0].practitioner_id, line.offers[0].starts_at) for line in proposal.open_lines]


def booked_all(db, actor, alice, **wish):
    day = clock.now().date() + 3 * DAY
    proposal = whole_course.propose(db, alice.id, Wish(wish.pop("day", day), **wish))
    return whole_course.book_all(db, actor, alice.id, first_choice(proposal))
