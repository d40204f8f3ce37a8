from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.kit import clock
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from portal.suitability import queries, service
from portal.suitability.forms import VerdictForm
from portal.suitability.models import Verdict
from portal.suitability.rules import Code, HoldKind
from tests.make_suitability import a_consultation, a_needling, a_verdict, health_answers, verdict_fields

DAY = timedelta(days=1)


def ask(db, client, **changes):
    known = {"last_session_at": None, "sessions_done": 0, **changes}
    return queries.gate_for(db, client.id, a_needling(db), clock.now(), **known)


def test_without_a_verdict_the_gate_is_shut(db, alice):
    assert [reason.code for reason in ask(db, alice).reasons] == [Code.NO_VERDICT]


def test_a_signed_yes_opens_it_for_this_client_only(db, alice, bob, charlie):
    a_verdict(db, bob, alice)
    assert ask(db, alice).is_open
    assert not ask(db, charlie).is_open


@pytest.mark.parametrize("outcome, code", [("not_suitable", Code.NOT_SUITABLE), ("deferred", Code.DEFERRED)])
def test_the_newest_verdict_counts(db, alice, bob, outcome, code):
    a_verdict(db, bob, alice)
    a_verdict(db, bob, alice, outcome=outcome)
    assert [reason.code for reason in ask(db, alice).reasons] == [code]
    a_verdict(db, bob, alice, outcome="with_conditions", conditions="No sun for three days.")
    assert ask(db, alice).is_open
    assert len(queries.verdicts(db, bob, alice.id)) == 3


def test_it_shuts_by_itself_when_the_verdict_ends(db, alice, bob, later):
    a_verdict(db, bob, alice)
    with later(181 * DAY):
        assert [reason.code for reason in ask(db, alice).reasons] == [Code.EXPIRED]


def test_the_rest_is_the_longer_of_treatment_and_course(db, alice, bob):
    a_verdict(db, bob, alice)
    last = clock.now() - 30 * DAY
    assert ask(db, alice, last_session_at=last).is_open
    assert ask(db, alice, last_session_at=last, interval_days=7).is_open
    assert not ask(db, alice, last_session_at=last, interval_days=42).is_open


def test_used_sessions_count_from_the_newest_signature(db, alice, bob):
    assert queries.counted_from(db, alice.id) is None
    first = a_verdict(db, bob, alice, sessions=2)
    assert queries.counted_from(db, alice.id) == first.signed_at
    assert not ask(db, alice, sessions_done=2).is_open


def test_a_consultation_is_always_open(db, alice, bob):
    a_verdict(db, bob, alice, outcome="not_suitable")
    service.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Wait.")
    talk = a_consultation(db)
    assert queries.gate_for(db, alice.id, talk, clock.now(), last_session_at=None, sessions_done=0).is_open


def test_only_a_practitioner_signs(db, alice, dana, bob):
    form = checked(VerdictForm, **verdict_fields(a_needling(db).id)).value
    for actor in (alice, dana):
        with pytest.raises(NotAllowed):
            service.sign_verdict(db, actor, alice.id, form)
    with pytest.raises(NotFound):
        service.sign_verdict(db, bob, dana.id, form)


def test_a_verdict_is_about_a_treatment_session(db, alice, bob):
    form = checked(VerdictForm, **verdict_fields(a_consultation(db).id)).value
    with pytest.raises(Refused, match="consultation"):
        service.sign_verdict(db, bob, alice.id, form)


def test_a_no_keeps_no_scope(db, alice, bob):
    verdict = a_verdict(db, bob, alice, outcome="not_suitable", conditions="Left over from typing.")
    assert (verdict.scope_sessions, verdict.scope_zones, verdict.scope_max_depth_mm) == (0, [], None)
    assert (verdict.valid_until, verdict.deferred_until, verdict.conditions) == (None, None, "")


def test_the_client_is_told_without_any_detail(db, alice, bob):
    a_verdict(db, bob, alice, reasons="Active psoriasis.")
    notice = db.exec(select(Notice).where(Notice.person_id == alice.id)).one()
    assert notice.href == "/suitability"
    letter = db.exec(select(OutboxMail)).one()
    for text in (notice.text, letter.subject, letter.text):
        assert "psoriasis" not in text
        assert "suitable" not in text


def test_the_signature_is_in_the_audit(db, alice, bob):
    verdict = a_verdict(db, bob, alice)
    entry = db.exec(select(AuditEntry).where(AuditEntry.action == "suitability.verdict_signed")).one()
    assert (entry.actor_id, entry.client_id, entry.subject_id) == (bob.id, alice.id, verdict.id)


@pytest.mark.parametrize(
    "field, value, sentence",
    [
        ("valid_until", -1, "Please choose a day in the future."),
        ("valid_until", 0, "Please choose a day in the future."),
        ("valid_until", 740, "A verdict is valid for at most 24 months. Please choose an earlier day."),
        ("valid_until", None, "Please fill this in."),
        ("reasons", "  ", "Please fill this in."),
        ("sessions", None, "Please fill this in."),
        ("sessions", 25, "This must be 24 or less."),
        ("zones", [], "Please choose at least one."),
        ("max_depth_mm", 2.6, "This must be 2.5 or less."),
        ("max_depth_mm", 0.2, "This must be 0.25 or more."),
        ("max_depth_mm", "nan", None),
        ("outcome", None, "Please fill this in."),
    ],
)
def test_a_yes_must_be_complete(field, value, sentence):
    given = clock.now().date() + timedelta(days=value) if field == "valid_until" and value is not None else value
    form = checked(VerdictForm, **verdict_fields(uuid4(), **{field: given}))
    assert list(form.errors) == [field]
    assert sentence is None or form.errors[field] == sentence


@pytest.mark.parametrize("days", [None, -1, 0])
def test_a_deferral_needs_a_day_ahead(days):
    day = None if days is None else clock.now().date() + timedelta(days=days)
    form = checked(VerdictForm, **verdict_fields(uuid4(), outcome="deferred", deferred_until=day))
    assert list(form.errors) == ["deferred_until"]


def test_conditions_need_their_words():
    form = checked(VerdictForm, **verdict_fields(uuid4(), outcome="with_conditions"))
    assert form.errors == {"conditions": "Please say what the conditions are."}


def test_a_no_needs_no_scope():
    fields = verdict_fields(
        uuid4(), outcome="not_suitable", sessions=None, zones=[], max_depth_mm=None, valid_until=None
    )
    assert checked(VerdictForm, **fields).ok


@pytest.mark.parametrize(
    "change, name",
    [
        ({"scope_max_depth_mm": 3.0}, "scope_depth_in_range"),
        ({"scope_sessions": 0}, "yes_has_scope"),
        ({"valid_until": None}, "yes_has_scope"),
        ({"reasons": ""}, "reasons_given"),
        ({"outcome": "deferred"}, "deferred_until_when"),
        ({"outcome": "with_conditions"}, "conditions_given"),
    ],
)
def test_the_database_keeps_a_verdict_whole(db, alice, bob, change, name):
    a_verdict(db, bob, alice)
    with pytest.raises(sa.exc.IntegrityError, match=name):
        db.connection().execute(sa.update(Verdict).values(change))


def test_a_client_never_reads_the_private_note(db, alice, bob):
    a_verdict(db, bob, alice)
    db.expunge_all()
    seen = queries.current_verdict(db, alice, alice.id)
    assert seen.reasons
    with pytest.raises(sa.exc.InvalidRequestError):
        _ = seen.note_private
    db.expunge_all()
    assert queries.current_verdict(db, bob, alice.id).note_private


def test_strangers_and_admins_see_nothing(db, alice, bob, charlie, dana):
    a_verdict(db, bob, alice)
    hold = service.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Wait.")
    health_answers(db, alice)
    for stranger in (charlie, dana):
        assert queries.current_verdict(db, stranger, alice.id) is None
        assert not queries.verdicts(db, stranger, alice.id)
        assert not queries.holds(db, stranger, alice.id)
        assert queries.latest_answers(db, stranger, alice.id) is None
        with pytest.raises(NotFound):
            queries.hold(db, stranger, hold.id)


def test_a_hold_shuts_the_gate_until_it_is_lifted(db, alice, bob):
    a_verdict(db, bob, alice)
    source = uuid4()
    hold = service.place_hold(db, None, alice.id, HoldKind.SIDE_EFFECT, "We look after your report.", source)
    assert service.place_hold(db, None, alice.id, HoldKind.SIDE_EFFECT, "Again.", source) is hold
    assert [reason.code for reason in ask(db, alice).reasons] == [Code.HOLD]
    service.lift_holds(db, bob, source)
    assert ask(db, alice).is_open
    assert hold.lifted_by == bob.id
    service.lift_holds(db, bob, source)


def test_a_pause_ends_once_and_by_a_practitioner(db, alice, bob):
    hold = service.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Wait.")
    with pytest.raises(NotAllowed):
        service.lift_hold(db, alice, hold.id)
    service.lift_hold(db, bob, hold.id)
    with pytest.raises(Refused, match="already"):
        service.lift_hold(db, bob, hold.id)


def test_a_new_flag_under_a_yes_pauses_sessions_until_a_new_verdict(db, alice, bob):
    health_answers(db, alice, skin="yes")
    a_verdict(db, bob, alice)
    health_answers(db, alice, skin="yes")
    assert ask(db, alice).is_open
    health_answers(db, alice, skin="yes", pregnancy="unsure")
    assert [reason.code for reason in ask(db, alice).reasons] == [Code.HOLD]
    a_verdict(db, bob, alice)
    assert ask(db, alice).is_open


def test_answers_are_added_never_replaced(db, alice):
    first = health_answers(db, alice, note="First.")
    second = health_answers(db, alice, skin="yes")
    assert first.answers["skin"] == "no"
    assert queries.latest_answers(db, alice, alice.id).id == second.id


def test_practitioners_are_told_of_new_answers_in_the_portal_only(db, alice, bob, erin):
    health_answers(db, alice, skin="yes")
    told = {notice.person_id for notice in db.exec(select(Notice))}
    assert told == {bob.id, erin.id}
    assert not db.exec(select(OutboxMail)).all()
