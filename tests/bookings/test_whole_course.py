"""A whole course at once: every date is checked, and all are booked or none."""

from datetime import time, timedelta
from itertools import pairwise

import pytest
from sqlmodel import select

from portal.bookings import queries, whole_course
from portal.bookings.forms import Chosen
from portal.bookings.models import Appointment, TimeTaken
from portal.bookings.whole_course import SessionFails, Wish
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import NotFound, Refused
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.bookings.courses import DAY, booked_all, first_choice, local_day
from tests.make_availability import a_closure
from tests.make_bookings import a_treatment_session, an_attended, at_clinic
from tests.make_suitability import a_course, a_verdict


def test_what_is_proposed_first_can_be_booked_as_a_whole(db, alice, bob, course):
    proposal = whole_course.propose(db, alice.id)
    assert [line.step.number for line in proposal.lines] == [1, 2, 3, 4]
    assert proposal.is_bookable
    days = [local_day(db, line.offers[0].starts_at) for line in proposal.lines]
    assert all((later - earlier).days >= 28 for earlier, later in pairwise(days))
    made = whole_course.book_all(db, alice, alice.id, first_choice(proposal))
    assert [one.session_number for one in made] == [1, 2, 3, 4]
    assert {one.course_id for one in made} == {course.id}


def test_every_offer_lies_in_its_window_and_the_wished_time_comes_first(db, alice, bob, erin, course):
    first = clock.now().date() + 10 * DAY
    proposal = whole_course.propose(db, alice.id, Wish(first, time(14), erin.id))
    for line in proposal.lines:
        assert not line.problem
        days = [local_day(db, slot.starts_at) for slot in line.offers]
        assert all(line.step.opens <= day <= line.step.closes for day in days)
        assert {slot.practitioner_id for slot in line.offers} == {erin.id}
        best = line.offers[0].starts_at
        assert best == at_clinic(db, line.step.opens, 14)
    assert proposal.lines[0].step.opens == first


def test_where_the_window_has_nothing_the_nearest_times_after_it_are_offered(db, alice, bob, course):
    opens = clock.now().date() + 5 * DAY
    for number in range(8):
        a_closure(db, opens + number * DAY, f"Closed {number}")
    line = whole_course.propose(db, alice.id, Wish(opens)).lines[0]
    assert "nearest times after it" in line.problem
    assert local_day(db, line.offers[0].starts_at) == line.step.closes + DAY


def test_where_nothing_is_free_it_says_so_and_cannot_be_booked(db, alice, bob, course):
    opens = clock.now().date() + 5 * DAY
    for number in range(40):
        a_closure(db, opens + number * DAY, f"Closed {number}")
    proposal = whole_course.propose(db, alice.id, Wish(opens))
    assert "no time for this session" in proposal.lines[0].problem
    assert not proposal.lines[0].offers
    assert not proposal.is_bookable


def test_each_session_counts_from_the_one_before(db, alice, bob, course):
    opens = clock.now().date() + 5 * DAY
    for number in range(8):
        a_closure(db, opens + number * DAY, f"Closed {number}")
    first, second, *_ = whole_course.propose(db, alice.id, Wish(opens)).lines
    assert second.step.opens == local_day(db, first.offers[0].starts_at) + 28 * DAY


def test_what_is_done_or_booked_stands_and_the_rest_is_proposed_after_it(db, alice, bob, course, later):
    done = an_attended(db, bob, a_treatment_session(db, alice, bob, in_days=2))
    with later(done.starts_at - clock.now() + DAY):
        ahead = a_treatment_session(db, alice, bob, in_days=30)
        proposal = whole_course.propose(db, alice.id)
        assert [line.booked for line in proposal.lines] == [done, ahead, None, None]
        third = proposal.lines[2]
        assert third.step.opens == local_day(db, ahead.starts_at) + 28 * DAY
        made = whole_course.book_all(db, alice, alice.id, first_choice(proposal))
        assert [one.session_number for one in made] == [3, 4]
        assert not whole_course.propose(db, alice.id).open_lines


def test_a_shut_gate_leaves_nothing_to_offer(db, alice, bob, course):
    suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Let us look first.")
    proposal = whole_course.propose(db, alice.id)
    assert not any(line.offers for line in proposal.lines)
    assert not proposal.is_bookable


def test_without_a_course_there_is_nothing_to_book(db, alice, bob, suitable):
    with pytest.raises(NotFound, match="no course"):
        whole_course.propose(db, alice.id)
    with pytest.raises(NotFound, match="no course"):
        whole_course.book_all(db, alice, alice.id, [])


# ---- booking ----


def test_a_client_books_beyond_the_own_limits_because_it_was_agreed_on(db, alice, bob, course):
    policy = clinic.stored_policy(db)
    policy.horizon_days, policy.most_open = 20, 1
    db.flush()
    assert len(booked_all(db, alice, alice)) == 4


@pytest.mark.parametrize("which", [0, 1, 2, 3])
def test_one_time_that_is_taken_books_none(db, alice, charlie, bob, course, which):
    proposal = whole_course.propose(db, alice.id, Wish(clock.now().date() + 3 * DAY))
    chosen = first_choice(proposal)
    other = chosen[which]
    taken = Appointment(
        client_id=charlie.id,
        practitioner_id=other.practitioner_id,
        treatment_id=course.treatment_id,
        booked_by_id=bob.id,
        starts_at=other.starts_at,
        ends_at=other.starts_at + timedelta(hours=1),
        blocked_from=other.starts_at,
        blocked_until=other.starts_at + timedelta(hours=1),
    )
    db.add(taken)
    db.add(
        TimeTaken(
            subject_id=other.practitioner_id,
            owner_id=taken.id,
            starts_at=taken.starts_at,
            ends_at=taken.ends_at,
        )
    )
    db.flush()
    with pytest.raises(SessionFails, match="no longer free") as refusal:
        whole_course.book_all(db, alice, alice.id, chosen)
    assert refusal.value.chosen == other
    assert not queries.appointments(db, alice, alice.id)
    assert {row.owner_id for row in db.exec(select(TimeTaken))} == {taken.id}
    again = whole_course.propose(db, alice.id, Wish(clock.now().date() + 3 * DAY))
    assert again.is_bookable, "others are offered in its place"
    assert other.starts_at not in [
        slot.starts_at for slot in again.lines[which].offers if slot.practitioner_id == other.practitioner_id
    ]


def test_the_last_date_is_asked_about_like_the_first(db, alice, bob, needling):
    a_verdict(db, bob, alice, valid_until=clock.now().date() + 80 * DAY)
    a_course(db, bob, alice)
    days = [clock.now().date() + count * DAY for count in (3, 31, 59, 87)]
    chosen = [Chosen(bob.id, at_clinic(db, day, 10)) for day in days]
    with pytest.raises(SessionFails, match="valid for sessions up to") as refusal:
        whole_course.book_all(db, alice, alice.id, chosen)
    assert refusal.value.chosen == chosen[3]
    assert not queries.appointments(db, alice, alice.id)
    assert not whole_course.propose(db, alice.id).is_bookable


def test_two_that_are_too_close_book_none(db, alice, bob, course):
    chosen = [Chosen(bob.id, at_clinic(db, clock.now().date() + days * DAY, 10)) for days in (3, 31, 50)]
    with pytest.raises(SessionFails, match="rests for 28 days"):
        whole_course.book_all(db, alice, alice.id, chosen)
    assert not queries.appointments(db, alice, alice.id)


def test_more_sessions_than_were_agreed_on_are_refused(db, alice, bob, course):
    days = (3, 31, 59, 87, 115)
    chosen = [Chosen(bob.id, at_clinic(db, clock.now().date() + count * DAY, 10)) for count in days]
    for wrong in (chosen, []):
        with pytest.raises(Refused, match="4 sessions left"):
            whole_course.book_all(db, alice, alice.id, wrong)


def test_the_order_in_which_they_come_does_not_matter(db, alice, bob, course):
    chosen = first_choice(whole_course.propose(db, alice.id))
    made = whole_course.book_all(db, alice, alice.id, chosen[::-1])
    assert [one.starts_at for one in made] == [one.starts_at for one in chosen]
    assert [one.session_number for one in made] == [1, 2, 3, 4]
