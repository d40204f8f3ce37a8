"""A whole course at once: every date is checked, all are booked or none, and what moves takes the rest along."""

import re
from datetime import UTC, time, timedelta
from itertools import pairwise

import pytest
from sqlmodel import select

from portal.availability import queries as availability
from portal.bookings import queries, service, whole_course
from portal.bookings.forms import Chosen
from portal.bookings.models import Appointment, AppointmentMove, TimeTaken
from portal.bookings.rules import State
from portal.bookings.whole_course import SessionFails, Wish
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import NotFound, Refused
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.make_availability import a_closure
from tests.make_bookings import a_slot, a_treatment_session, an_attended, at_clinic
from tests.make_suitability import a_course, a_verdict

DAY = timedelta(days=1)


@pytest.fixture
def course(engine, alice, bob, suitable):
    """Four sessions, four weeks apart, each within a week."""
    with transaction(engine) as db:
        return a_course(db, bob, alice)


def local_day(db, at):
    return at.astimezone(availability.clinic_zone(db)).date()


def first_choice(proposal):
    return [Chosen(line.offers[0].practitioner_id, line.offers[0].starts_at) for line in proposal.open_lines]


def booked_all(db, actor, alice, **wish):
    day = clock.now().date() + 3 * DAY
    proposal = whole_course.propose(db, alice.id, Wish(wish.pop("day", day), **wish))
    return whole_course.book_all(db, actor, alice.id, first_choice(proposal))


# ---- proposing ----


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


# ---- moving with the following ones ----


def test_a_later_session_takes_the_following_ones_along(db, alice, bob, course):
    made = booked_all(db, alice, alice, practitioner_id=bob.id)
    old = [one.starts_at for one in made]
    to = at_clinic(db, local_day(db, old[1]) + 5 * DAY, 10)
    with pytest.raises(Refused, match="next one is booked for"):
        service.move(db, alice, made[1], to, bob.id, "A trip")
    moved = whole_course.move_with_following(db, alice, made[1], to, bob.id, "A trip")
    assert moved == made[1:]
    assert made[0].starts_at == old[0]
    days = [local_day(db, one.starts_at) for one in made]
    assert [(day - local_day(db, before)).days for day, before in zip(days, old, strict=True)] == [0, 5, 5, 5]
    assert [one.starts_at.astimezone(to.tzinfo).time() for one in made] == [time(10)] * 4
    assert [one.session_number for one in made] == [1, 2, 3, 4]
    assert not any(one.is_on_hold for one in made)
    assert {row.reason for row in db.exec(select(AppointmentMove))} == {"A trip"}
    assert [one.moves for one in made] == [0, 1, 0, 0], "the client moved one, the others came along"


def test_all_of_them_move_or_none(db, alice, bob, course):
    made = booked_all(db, alice, alice, practitioner_id=bob.id)
    old = [(one.starts_at, one.revision) for one in made]
    last = local_day(db, made[3].starts_at)
    for number in range(40):
        a_closure(db, last + (number + 1) * DAY, f"Closed {number}")
    to = at_clinic(db, local_day(db, made[1].starts_at) + 5 * DAY, 10)
    with pytest.raises(Refused, match=r"Nothing was moved\. There is no free time near .* for session 4"):
        whole_course.move_with_following(db, alice, made[1], to, bob.id, "A trip")
    db.expire_all()
    assert [(one.starts_at, one.revision) for one in made] == old
    assert not db.exec(select(AppointmentMove)).all()
    for one in made:
        claim = select(TimeTaken).where(TimeTaken.owner_id == one.id, TimeTaken.subject_id == alice.id)
        assert db.exec(claim).one().starts_at == one.starts_at


def test_an_earlier_session_leaves_the_following_ones_where_they_are(db, alice, bob, course):
    made = booked_all(db, alice, alice, day=clock.now().date() + 8 * DAY, practitioner_id=bob.id)
    old = [one.starts_at for one in made]
    to = at_clinic(db, local_day(db, old[0]) - 3 * DAY, 10)
    assert whole_course.move_with_following(db, alice, made[0], to, bob.id, "Sooner") == [made[0]]
    assert [one.starts_at for one in made] == [to, *old[1:]]


def test_a_client_cannot_move_the_rest_where_the_first_may_not_move(db, alice, bob, course, later):
    made = booked_all(db, alice, alice, practitioner_id=bob.id)
    old = [one.starts_at for one in made]
    to = at_clinic(db, local_day(db, old[0]) + 5 * DAY, 10)
    with later(old[0] - clock.now() - timedelta(hours=5)):
        with pytest.raises(Refused, match=r"Nothing was moved\. It is less than 24 hours"):
            whole_course.move_with_following(db, alice, made[0], to, bob.id, "A trip")
        db.expire_all()
        assert [one.starts_at for one in made] == old
        whole_course.move_with_following(db, bob, made[0], to, bob.id, "Asked by telephone")
    assert [(one.starts_at - before).days for one, before in zip(made, old, strict=True)] == [5, 5, 5, 5]


def test_what_follows_is_only_what_is_booked_of_the_same_course(db, alice, bob, course):
    made = booked_all(db, alice, alice, practitioner_id=bob.id)
    service.cancel(db, alice, made[2], "On holiday")
    assert whole_course.following(db, made[0]) == [made[1], made[3]]
    assert whole_course.following(db, made[3]) == []
    assert made[2].state is State.CANCELLED
    assert [one.session_number for one in made] == [1, 2, None, 3]


# ---- the pages ----


SLOT = re.compile(r'<option value="([^"/]+/[^"]+)"')


def choices_on(page):
    return [SLOT.findall(part)[0].replace("&#43;", "+") for part in page.text.split('name="slot">')[1:]]


def test_a_client_books_the_whole_course_on_one_page(alice_browser, engine, alice, course):
    page = alice_browser.get("/course/sessions")
    assert "Session 1 of 4" in page.text
    assert "Session 4 of 4" in page.text
    assert "Book all 4 sessions" in page.text
    answer = alice_browser.post("/course/sessions", data={"slot": choices_on(page)})
    assert answer.status_code == 303
    with transaction(engine, write=False) as db:
        assert [one.session_number for one in queries.appointments(db, alice, alice.id)] == [4, 3, 2, 1]
    after = alice_browser.get("/course/sessions").text
    assert "Book all" not in after
    assert "session 4 of 4" in alice_browser.get("/appointments").text


def test_a_time_lost_meanwhile_comes_back_with_others_and_books_nothing(
    alice_browser, engine, alice, charlie, bob, needling, course
):
    page = alice_browser.get(f"/course/sessions?from={clock.now().date() + 3 * DAY}&at=10:00&who={bob.id}")
    chosen = choices_on(page)
    with transaction(engine) as db:
        a_verdict(db, bob, charlie)
        lost = a_slot(db, bob, needling, bob, in_days=3, hour=10)
        service.book(db, bob, charlie.id, needling, bob.id, lost.starts_at)
    assert lost.value == chosen[0]
    data = {"slot": chosen, "from": str(clock.now().date() + 3 * DAY), "at": "10:00", "who": str(bob.id)}
    answer = alice_browser.post("/course/sessions", data=data)
    assert answer.status_code == 409
    assert "Nothing is booked yet: the first of these times cannot be had." in answer.text
    assert lost.value not in choices_on(answer)
    with transaction(engine, write=False) as db:
        assert not queries.appointments(db, alice, alice.id)
    assert alice_browser.post("/course/sessions", data={"slot": choices_on(answer)}).status_code == 303


def test_a_shut_gate_says_why_to_both_sides(alice_browser, bob_browser, engine, alice, bob, course):
    with transaction(engine) as db:
        suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Let us look first.")
    own = alice_browser.get("/course/sessions").text
    teams = bob_browser.get(f"/clients/{alice.id}/course/sessions").text
    for page in (own, teams):
        assert "cannot be booked as a whole just now" in page
        assert "Your practitioner has paused new sessions for now." in page
        assert "Book all" not in page
    assert "Please call us if you have a question." in own
    assert "End the pause" in teams


def test_the_team_books_it_for_the_client(bob_browser, engine, alice, bob, course):
    path = f"/clients/{alice.id}/course/sessions"
    assert bob_browser.post(path, data={"slot": choices_on(bob_browser.get(path))}).status_code == 303
    with transaction(engine, write=False) as db:
        made = queries.appointments(db, bob, alice.id)
        assert len(made) == 4
        assert {one.booked_by_id for one in made} == {bob.id}


def test_nonsense_in_the_form_or_the_address_breaks_nothing(alice_browser, engine, alice, course):
    for query in ("from=someday&at=noon&who=nobody", "from=9999-01-01", "at=25:00&from=2020-01-01"):
        assert alice_browser.get(f"/course/sessions?{query}").status_code == 200
    for data in ({}, {"slot": "soon"}, {"slot": ["x/y"]}):
        assert alice_browser.post("/course/sessions", data=data).status_code == 422
    with transaction(engine, write=False) as db:
        assert not queries.appointments(db, alice, alice.id)


def test_without_a_course_there_is_no_page(charlie_browser, dana_browser, bob_browser, charlie, alice, course):
    assert charlie_browser.get("/course/sessions").status_code == 404
    assert bob_browser.get(f"/clients/{charlie.id}/course/sessions").status_code == 404
    assert dana_browser.get(f"/clients/{alice.id}/course/sessions").status_code == 403
    assert charlie_browser.get(f"/clients/{alice.id}/course/sessions").status_code == 403


def test_moving_one_on_the_page_asks_about_the_following_ones(alice_browser, engine, alice, bob, course):
    with transaction(engine) as db:
        made = booked_all(db, alice, alice, practitioner_id=bob.id)
        old = [one.starts_at for one in made]
        day = local_day(db, old[1]) + 5 * DAY
        to = at_clinic(db, day, 10)
    path = f"/appointments/{made[1].id}/move"
    assert "This and the 2 sessions after it" in alice_browser.get(path).text
    alone = alice_browser.get(f"{path}?from={day}&who={bob.id}").text.replace("&#43;", "+")
    value = f"{to.astimezone(UTC).isoformat()}/{bob.id}"
    assert value not in alone
    assert value in alice_browser.get(f"{path}?from={day}&who={bob.id}&following=yes").text.replace("&#43;", "+")
    data = {"slot": value, "reason": "A trip", "from": str(day)}
    assert alice_browser.post(path, data=data).status_code == 409
    assert alice_browser.post(path, data={**data, "following": "yes"}).status_code == 303
    with transaction(engine, write=False) as db:
        now = [queries.appointment(db, bob, one.id).starts_at for one in made]
    assert [(after - before).days for after, before in zip(now, old, strict=True)] == [0, 5, 5, 5]
