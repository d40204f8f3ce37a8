from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.clinic import queries as clinic
from portal.consents import service as consents
from portal.kit import clock
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from portal.questionnaires import service as questionnaires
from portal.questionnaires.forms import AcceptForm
from portal.suitability import queries, service
from portal.suitability.answer import Code
from portal.suitability.forms import VerdictForm
from portal.suitability.models import Verdict
from portal.suitability.rules import HoldKind, gate
from tests.make_consents import a_document, a_signature, a_signed_consent
from tests.make_questionnaires import health_answers
from tests.make_suitability import a_consultation, a_needling, a_verdict, verdict_fields

DAY = timedelta(days=1)


def ask(db, client, in_days=2, **known):
    """The gate about a needling session so many days ahead; `known`: what only bookings and courses could add."""
    facts = replace(queries.facts_for(db, client.id, a_needling(db)), **known)
    return gate(facts, clock.now() + in_days * DAY)


def codes(db, client, **known):
    return list(ask(db, client, **known).codes)


# ---- the gate's facts ----


def test_without_a_verdict_the_gate_is_shut(db, alice):
    a_signed_consent(db, alice, a_needling(db))
    assert codes(db, alice) == [Code.NO_VERDICT]


def test_a_signed_yes_opens_it_for_this_client_only(db, alice, bob, charlie):
    a_verdict(db, bob, alice)
    assert ask(db, alice).is_open
    assert codes(db, charlie) == [Code.NO_VERDICT, Code.CONSENT]


@pytest.mark.parametrize("outcome, code", [("not_suitable", Code.NOT_SUITABLE), ("deferred", Code.DEFERRED)])
def test_the_newest_verdict_counts(db, alice, bob, outcome, code):
    a_verdict(db, bob, alice)
    a_verdict(db, bob, alice, outcome=outcome)
    assert codes(db, alice) == [code]
    a_verdict(db, bob, alice, outcome="with_conditions", conditions="No sun for three days.")
    assert ask(db, alice).is_open
    assert len(queries.verdicts(db, bob, alice.id)) == 3


def test_it_shuts_by_itself_when_the_verdict_ends(db, alice, bob):
    a_verdict(db, bob, alice)
    assert ask(db, alice, in_days=180).is_open
    assert codes(db, alice, in_days=181) == [Code.EXPIRED]


def test_the_facts_are_those_of_verdict_treatment_and_clinic(db, alice, bob):
    verdict, needling = a_verdict(db, bob, alice), a_needling(db)
    needling.interval_days, needling.cooling_off_days = 35, 3
    clinic.stored(db).time_zone = "Pacific/Auckland"
    db.flush()
    facts = queries.facts_for(db, alice.id, needling)
    assert (facts.treatment_id, facts.verdict) == (needling.id, verdict.facts())
    assert (facts.interval_days, facts.cooling_off_days, facts.time_zone) == (35, 3, "Pacific/Auckland")
    assert (facts.verdict.signed_at, facts.verdict.max_depth_mm) == (verdict.signed_at, 1.5)
    assert facts.verdict.zones == {"frontal", "vertex"}
    assert (facts.sessions, facts.sessions_counted, facts.has_begun) == ((), 0, False), "bookings knows these"


def test_the_time_to_think_keeps_it_shut_until_the_next_day(db, alice, bob):
    a_verdict(db, bob, alice)
    answer = ask(db, alice, in_days=0)
    assert list(answer.codes) == [Code.COOLING_OFF]
    assert answer.opens_on == clock.today(clinic.profile(db).time_zone) + DAY
    assert ask(db, alice, in_days=1).is_open
    assert ask(db, alice, in_days=0, has_begun=True).is_open, "it is about the first session only"


def test_the_time_to_think_begins_anew_with_a_later_consent(db, alice, bob, later):
    a_verdict(db, bob, alice, consents=False)
    with later(5 * DAY):
        a_signed_consent(db, alice, a_needling(db))
        assert codes(db, alice, in_days=0) == [Code.COOLING_OFF]
        assert ask(db, alice, in_days=1).is_open


def test_a_verdict_without_a_consent_opens_nothing(db, alice, bob, dana):
    a_verdict(db, bob, alice, consents=False)
    assert "has not yet put the consent" in ask(db, alice).to_client
    document = a_document(db, dana, a_needling(db))
    assert codes(db, alice) == [Code.CONSENT]
    assert "have not yet signed" in ask(db, alice).to_client
    a_signature(db, alice, document)
    assert ask(db, alice).is_open


def test_a_consent_that_was_withdrawn_or_outdated_shuts_it_until_it_is_signed_again(db, alice, bob, dana):
    a_verdict(db, bob, alice, consents=False)
    document = a_document(db, dana, a_needling(db))
    consents.withdraw(db, alice, a_signature(db, alice, document).id)
    assert codes(db, alice) == [Code.CONSENT]
    assert "withdrawn your consent" in ask(db, alice).to_client
    a_signature(db, alice, document)
    assert ask(db, alice).is_open
    newer = a_document(db, dana, a_needling(db), body="Fine needles prick the skin, twice.", must_resign=True)
    assert codes(db, alice) == [Code.CONSENT]
    assert "has changed since you signed it" in ask(db, alice).to_client
    a_signature(db, alice, newer)
    assert ask(db, alice).is_open


def test_a_consent_ends_on_its_own_day(db, alice, bob):
    a_verdict(db, bob, alice, consents=False)
    consent = a_signed_consent(db, alice, a_needling(db))
    consent.expires_on = clock.today(clinic.profile(db).time_zone) + 30 * DAY
    db.flush()
    assert ask(db, alice, in_days=30).is_open
    assert codes(db, alice, in_days=31) == [Code.CONSENT]


def test_a_changed_health_answer_shuts_it_until_somebody_looked(db, alice, bob):
    health_answers(db, alice, skin="yes")
    a_verdict(db, bob, alice)
    health_answers(db, alice, skin="yes")
    assert ask(db, alice).is_open, "what the verdict knew of is no change"
    changed = health_answers(db, alice, skin="yes", pregnancy="unsure")
    assert codes(db, alice) == [Code.HEALTH_CHANGED]
    questionnaires.accept(db, bob, changed.id, checked(AcceptForm, note="Spoke by telephone.").value)
    assert ask(db, alice).is_open
    health_answers(db, alice, skin="yes", pregnancy="unsure", keloid="yes")
    assert codes(db, alice) == [Code.HEALTH_CHANGED]
    a_verdict(db, bob, alice)
    assert ask(db, alice).is_open


def test_a_not_yet_shuts_it_with_its_day(db, alice, bob):
    a_verdict(db, bob, alice)
    health_answers(db, alice, infection="yes")
    day = clock.today(clinic.profile(db).time_zone) + 28 * DAY
    assert f"{day.day} {day:%B %Y}" in ask(db, alice).to_client
    assert codes(db, alice, in_days=40) == [Code.HEALTH_CHANGED], "it is asked again, it does not open by itself"
    health_answers(db, alice)
    assert ask(db, alice).is_open


def test_without_a_verdict_answers_are_no_change(db, alice, bob):
    health_answers(db, alice, infection="yes")
    assert Code.HEALTH_CHANGED not in codes(db, alice)


def test_a_consultation_is_always_open(db, alice, bob):
    a_verdict(db, bob, alice, outcome="not_suitable")
    service.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Wait.")
    assert gate(queries.facts_for(db, alice.id, a_consultation(db)), clock.now()).is_open


# ---- holds ----


@pytest.mark.parametrize("kind, code", [(HoldKind.SIDE_EFFECT, Code.SIDE_EFFECT), (HoldKind.PRACTITIONER, Code.HOLD)])
def test_a_hold_shuts_the_gate_until_it_is_lifted(db, alice, bob, kind, code):
    a_verdict(db, bob, alice)
    source = uuid4()
    hold = service.place_hold(db, None, alice.id, kind, "We look after your report.", source)
    assert service.place_hold(db, None, alice.id, kind, "Again.", source) is hold
    assert codes(db, alice) == [code]
    service.lift_holds(db, bob, source)
    assert ask(db, alice).is_open
    assert hold.lifted_by == bob.id
    service.lift_holds(db, bob, source)


def test_both_kinds_of_hold_are_two_reasons(db, alice, bob):
    a_verdict(db, bob, alice)
    for kind in HoldKind:
        service.place_hold(db, bob, alice.id, kind, "Wait.")
        service.place_hold(db, bob, alice.id, kind, "Wait again.")
    assert [reason.code for reason in ask(db, alice).reasons] == [Code.SIDE_EFFECT, Code.HOLD]


def test_a_pause_ends_once_and_by_a_practitioner(db, alice, bob):
    hold = service.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Wait.")
    with pytest.raises(NotAllowed):
        service.lift_hold(db, alice, hold.id)
    service.lift_hold(db, bob, hold.id)
    with pytest.raises(Refused, match="already"):
        service.lift_hold(db, bob, hold.id)


# ---- signing ----


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
