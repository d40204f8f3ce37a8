"""A session that moves takes the following ones along, all of them or none; and the pages of a whole course."""

import re
from datetime import UTC, time, timedelta

import pytest
from sqlmodel import select

from portal.bookings import queries, service, whole_course
from portal.bookings.models import AppointmentMove, TimeTaken
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import Refused
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.bookings.courses import DAY, booked_all, local_day
from tests.make_availability import a_closure
from tests.make_bookings import a_slot, at_clinic
from tests.make_suitability import a_verdict

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


def test_moving_to_an_earlier_day_takes_the_following_ones_along(db, alice, bob, course):
    made = booked_all(db, alice, alice, day=clock.now().date() + 8 * DAY, practitioner_id=bob.id)
    old = [one.starts_at for one in made]
    to = at_clinic(db, local_day(db, old[0]) - 3 * DAY, 10)
    assert whole_course.move_with_following(db, alice, made[0], to, bob.id, "Sooner") == made
    days = [local_day(db, one.starts_at) for one in made]
    assert days == [local_day(db, before) - 3 * DAY for before in old]
    assert made[0].starts_at == to


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


def test_without_a_course_the_page_says_how_to_get_one(
    charlie_browser, dana_browser, bob_browser, charlie, alice, course
):
    assert "No plan yet" in charlie_browser.get("/course/sessions").text
    assert "No course is running" in bob_browser.get(f"/clients/{charlie.id}/course/sessions").text
    slot = {"slot": f"2030-05-04T08:00:00+00:00/{charlie.id}"}
    assert charlie_browser.post("/course/sessions", data=slot).status_code == 404
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
