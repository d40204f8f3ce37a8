from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.courses import queries, service
from portal.courses.forms import EndForm
from portal.courses.models import Course
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.kit.forms import checked
from portal.notifications.models import Notice
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.make_suitability import a_course, a_verdict

END = checked(EndForm, reason="Moved away.").value


def test_without_a_verdict_the_gates_words_refuse(db, alice, bob):
    with pytest.raises(Refused, match="not yet decided") as refusal:
        a_course(db, bob, alice)
    assert refusal.value.way_out[1] == f"/clients/{alice.id}/verdict"


@pytest.mark.parametrize("outcome", ["not_suitable", "deferred"])
def test_a_no_refuses(db, alice, bob, outcome):
    a_verdict(db, bob, alice, outcome=outcome)
    with pytest.raises(Refused):
        a_course(db, bob, alice)


def test_an_ended_verdict_refuses(db, alice, bob, later):
    a_verdict(db, bob, alice)
    with later(timedelta(days=181)), pytest.raises(Refused, match="valid for sessions up to"):
        a_course(db, bob, alice)


def test_a_hold_refuses(db, alice, bob):
    a_verdict(db, bob, alice)
    suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Wait.")
    with pytest.raises(Refused, match="paused"):
        a_course(db, bob, alice)


@pytest.mark.parametrize(
    "changes, words",
    [({"sessions_planned": 7}, "covers 6 sessions"), ({"interval_days": 27}, "at least 28 days")],
)
def test_a_plan_beyond_verdict_or_treatment_is_refused(db, alice, bob, changes, words):
    a_verdict(db, bob, alice)
    with pytest.raises(Refused, match=words):
        a_course(db, bob, alice, **changes)


def test_a_course_is_agreed_once_ended_and_agreed_anew(db, alice, bob):
    a_verdict(db, bob, alice)
    first = a_course(db, bob, alice)
    assert queries.current(db, alice, alice.id).id == first.id
    with pytest.raises(Refused, match="running already"):
        a_course(db, bob, alice)
    service.end(db, bob, alice.id, END)
    assert queries.current(db, bob, alice.id) is None
    a_course(db, bob, alice, sessions_planned=2)
    assert [course.sessions_planned for course in queries.courses(db, bob, alice.id) if course.is_open] == [2]


def test_the_database_lets_one_course_run(db, alice, bob):
    a_verdict(db, bob, alice)
    course = a_course(db, bob, alice)
    db.add(Course(**course.model_dump(exclude={"id"})))
    with pytest.raises(sa.exc.IntegrityError):
        db.flush()


def test_there_is_no_course_to_end(db, alice, bob):
    with pytest.raises(NotFound):
        service.end(db, bob, alice.id, END)


def test_only_a_practitioner_agrees_and_ends(db, alice, bob, dana):
    a_verdict(db, bob, alice)
    for actor in (alice, dana):
        with pytest.raises(NotAllowed):
            a_course(db, actor, alice)
        with pytest.raises(NotAllowed):
            service.end(db, actor, alice.id, END)


def test_strangers_and_admins_see_no_course_and_the_client_no_note(db, alice, bob, charlie, dana):
    a_verdict(db, bob, alice)
    a_course(db, bob, alice, note="Anxious about needles.")
    for stranger in (charlie, dana):
        assert queries.current(db, stranger, alice.id) is None
        assert not queries.courses(db, stranger, alice.id)
    db.expunge_all()
    own = queries.current(db, alice, alice.id)
    with pytest.raises(sa.exc.InvalidRequestError):
        _ = own.note


def test_the_client_is_told(db, alice, bob):
    a_verdict(db, bob, alice)
    a_course(db, bob, alice)
    assert "/course" in [notice.href for notice in db.exec(select(Notice).where(Notice.person_id == alice.id))]
