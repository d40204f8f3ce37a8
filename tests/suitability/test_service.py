"""Signing a verdict, and who reads it."""

from dataclasses import replace
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
from portal.suitability.rules import HoldKind, gate
from tests.make_questionnaires import health_answers
from tests.make_suitability import a_consultation, a_needling, a_verdict, verdict_fields

DAY = timedelta(days=1)


def ask(db, client, in_days=2, **known):
    """The gate about a needling session so many days ahead; `known`: what only bookings and courses could add."""
    facts = replace(queries.facts_for(db, client.id, a_needling(db)), **known)
    return gate(facts, clock.now() + in_days * DAY)


def codes(db, client, **known):
    return list(ask(db, client, **known).codes)


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
    verdict = a_verdict(db, bob, alice, outcome="not_suitable", conditions="Left over.", despite_answers="Left over.")
    assert (verdict.scope_sessions, verdict.scope_zones, verdict.scope_max_depth_mm) == (0, [], None)
    assert (verdict.valid_until, verdict.deferred_until, verdict.conditions) == (None, None, "")
    assert verdict.despite_answers == ""


@pytest.mark.parametrize("outcome", ["suitable", "with_conditions"])
def test_a_yes_against_a_not_yet_needs_its_reason_which_the_client_never_reads(db, alice, bob, outcome):
    health_answers(db, alice, infection="yes")
    with pytest.raises(Refused, match="stop or not yet"):
        a_verdict(db, bob, alice, outcome=outcome, conditions="No sun.")
    verdict = a_verdict(db, bob, alice, outcome=outcome, conditions="No sun.", despite_answers="Healed since.")
    assert ask(db, alice).is_open
    db.expunge_all()
    seen = queries.current_verdict(db, alice, alice.id)
    assert seen.id == verdict.id
    with pytest.raises(sa.exc.InvalidRequestError):
        _ = seen.despite_answers
    db.expunge_all()
    assert queries.current_verdict(db, bob, alice.id).despite_answers == "Healed since."


@pytest.mark.parametrize("outcome", ["deferred", "not_suitable"])
def test_a_no_against_an_answer_needs_no_further_reason(db, alice, bob, outcome):
    health_answers(db, alice, infection="yes")
    assert a_verdict(db, bob, alice, outcome=outcome).outcome == outcome


def test_a_not_yet_whose_day_has_come_and_an_answer_to_decide_ask_for_no_further_reason(db, alice, bob, later):
    health_answers(db, alice, infection="yes", keloid="yes")
    with later(29 * DAY):
        assert not service.speaks_against(db, alice.id)
        assert a_verdict(db, bob, alice).outcome.allows


def test_the_client_is_told_without_any_detail(db, alice, bob):
    a_verdict(db, bob, alice, consents=False, reasons="Active psoriasis.")
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


# ---- who sees what ----


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
    for stranger in (charlie, dana):
        assert queries.current_verdict(db, stranger, alice.id) is None
        assert not queries.verdicts(db, stranger, alice.id)
        assert not queries.holds(db, stranger, alice.id)
        with pytest.raises(NotFound):
            queries.hold(db, stranger, hold.id)
