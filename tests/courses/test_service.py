from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.courses import queries, service
from portal.courses.forms import CourseForm, EndForm
from portal.courses.models import Course
from portal.kit import clock
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.kit.forms import checked
from portal.notifications.models import Notice
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.make_questionnaires import health_answers
from tests.make_suitability import a_course, a_needling, a_verdict

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
    [
        ({"sessions_planned": 7}, "covers 6 sessions"),
        ({"interval_days": 27}, "at least 28 days"),
        ({"zones": ["frontal", "back"]}, "does not cover all of these areas"),
        ({"depth_mm": 1.6}, "allows up to 1.5 mm"),
    ],
)
def test_a_plan_beyond_verdict_or_treatment_is_refused(db, alice, bob, changes, words):
    a_verdict(db, bob, alice)
    with pytest.raises(Refused, match=words):
        a_course(db, bob, alice, **changes)


def test_an_open_side_effect_or_a_changed_health_answer_refuses(db, alice, bob):
    a_verdict(db, bob, alice)
    health_answers(db, alice, keloid="yes")
    with pytest.raises(Refused, match="change in your health"):
        a_course(db, bob, alice)
    a_verdict(db, bob, alice)
    suitability.place_hold(db, None, alice.id, HoldKind.SIDE_EFFECT, "Wait.")
    with pytest.raises(Refused, match="paused"):
        a_course(db, bob, alice)


def test_a_plan_is_agreed_on_before_the_consent_and_the_time_to_think(db, alice, bob):
    a_verdict(db, bob, alice, consents=False)
    assert service.answer_for(db, alice.id, a_needling(db)).is_open
    assert a_course(db, bob, alice).is_open


def test_a_course_keeps_its_windows_areas_and_points(db, alice, bob):
    a_verdict(db, bob, alice)
    course = a_course(
        db, bob, alice, zones=["vertex"], depth_mm=1.25, window_days=5, photos_before="3 1,1", reviews_after=""
    )
    db.expunge_all()
    kept = queries.current(db, bob, alice.id)
    assert kept.id == course.id
    assert (kept.zones, kept.depth_mm, kept.window_days) == (["vertex"], 1.25, 5)
    assert (kept.photos_before, kept.reviews_after, kept.zone_labels) == ([1, 3], [], ["Crown"])
    first, second = kept.steps()[:2]
    assert (first.opens, (first.closes - first.opens).days) == (kept.agreed_on, 5)
    assert (second.opens - first.opens).days == 28


@pytest.mark.parametrize(
    "field, value, sentence",
    [
        ("photos_before", "one", "Please write numbers of sessions, for example 1, 3, 6."),
        ("photos_before", "1, 9", "There is no session 9 in a course of 4."),
        ("reviews_after", "0", "There is no session 0 in a course of 4."),
        ("window_days", 29, "This must be 28 or less."),
        ("depth_mm", "nan", None),
        ("depth_mm", 3, "This must be 2.5 or less."),
        ("zones", ["knee"], None),
    ],
)
def test_nonsense_is_refused_beside_its_field(field, value, sentence):
    fields = {
        "treatment_id": uuid4(),
        "sessions_planned": 4,
        "interval_days": 28,
        "review_on": clock.now().date() + timedelta(days=120),
        "stop_rule": "No change.",
        field: value,
    }
    form = checked(CourseForm, **fields)
    assert list(form.errors) == [field]
    assert sentence is None or form.errors[field] == sentence


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
