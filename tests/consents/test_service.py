from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.consents import queries, rules, service
from portal.consents.forms import SigningForm, Unfinished, WritingForm
from portal.consents.models import Consent, ConsentDocument
from portal.consents.rules import PHOTO_PURPOSES, ConsentState, Purpose
from portal.kit import clock
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.kit.events import Event
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from tests.make_consents import (
    a_document,
    a_signature,
    a_signed_consent,
    document_fields,
    next_version,
    right_answers,
)

DAY = timedelta(days=1)


@pytest.fixture
def needling(db):
    catalogue.add_starters(db)
    return treatments.needling(db)


@pytest.fixture
def told(monkeypatch):
    """Whom the event named, in order."""
    heard, event = [], Event()
    event.listen(lambda _, client_id: heard.append(client_id))
    monkeypatch.setattr(service, "CHANGED", event)
    return heard


def state(db, client, treatment):
    return queries.facts(db, client.id, treatment.id).state


def sign(db, client, document, **changes):
    form = checked(SigningForm, **{**right_answers(document, client.name), **changes}).value
    return service.sign(db, client, document.id, form)


# ---- signing ----


def test_a_signature_keeps_the_exact_words_and_their_proof(db, alice, needling):
    document = a_document(db, None, needling)
    consent = a_signature(db, alice, document)
    assert (consent.title, consent.body, consent.version) == (document.title, document.body, 1)
    assert consent.statements == ["I have read this text.", "I want this treatment."]
    assert consent.checks[0]["answer"] == consent.checks[0]["right"] == 1
    assert consent.sha256 == rules.digest(consent.text)
    assert consent.signer_name == "Alice Ash"


def test_the_proof_holds_after_a_round_through_the_database(db, alice, needling):
    consent_id = a_signature(db, alice, a_document(db, None, needling, valid_months=6)).id
    db.expire_all()
    assert queries.consent(db, alice, consent_id).is_unchanged


def test_a_word_changed_behind_our_back_is_seen(db, alice, needling):
    consent = a_signature(db, alice, a_document(db, None, needling))
    table = Consent.__table__
    db.execute(sa.update(table).where(table.c.id == consent.id).values(body=consent.body + " Always."))
    db.expire_all()
    assert not queries.consent(db, alice, consent.id).is_unchanged


def test_a_new_text_never_touches_a_signature(db, alice, dana, needling):
    first = a_document(db, dana, needling)
    consent = a_signature(db, alice, first)
    service.publish(db, dana, next_version(first, body="Other words.", title="Another title"))
    db.expire_all()
    kept = queries.consent(db, alice, consent.id)
    assert kept.is_unchanged
    assert "Fine needles" in kept.body
    assert queries.document(db, first.id).title == "Consent to needling"


@pytest.mark.parametrize(
    "change, field, words",
    [
        ({"check_0": 0}, "check_0", "Not quite. Please read “Your choice” once more."),
        ({"check_0": ""}, "check_0", "Please choose an answer."),
        ({"check_0": "9"}, "check_0", "Not quite."),
        ({"agree_1": ""}, "agree_1", "Please tick this"),
        ({"name": "Alice Oak"}, "name", "Please type your name as we have it: Alice Ash."),
        ({"name": ""}, "name", "Please type your name"),
    ],
)
def test_whatever_is_missing_or_wrong_is_said_beside_it_and_nothing_is_signed(
    db, alice, needling, change, field, words
):
    document = a_document(db, None, needling)
    with pytest.raises(Unfinished) as refused:
        sign(db, alice, document, **change)
    assert list(refused.value.problems) == [field]
    assert words in refused.value.problems[field]
    assert db.exec(select(Consent)).first() is None


def test_the_name_may_differ_in_case_and_spaces(db, alice, needling):
    assert sign(db, alice, a_document(db, None, needling), name=" aliceASH ").signer_name == "aliceASH"


def test_a_text_that_was_replaced_meanwhile_is_not_signed(db, alice, dana, needling):
    first = a_document(db, dana, needling)
    newer = service.publish(db, dana, next_version(first))
    with pytest.raises(service.Replaced) as refused:
        a_signature(db, alice, first)
    assert refused.value.text.id == newer.id
    assert "Nothing was signed" in refused.value.sentence


def test_the_same_text_is_signed_once(db, alice, charlie, needling):
    document = a_document(db, None, needling)
    a_signature(db, alice, document)
    with pytest.raises(Refused, match="already"):
        a_signature(db, alice, document)
    assert a_signature(db, charlie, document)


def test_the_database_itself_lets_only_one_signature_stand(db, alice, needling):
    consent = a_signature(db, alice, a_document(db, None, needling))
    db.add(Consent(**consent.model_dump(exclude={"id"})))
    with pytest.raises(IntegrityError):
        db.flush()


def test_only_the_client_signs(db, bob, dana, needling):
    document = a_document(db, None, needling)
    for person in (bob, dana):
        with pytest.raises(NotAllowed):
            a_signature(db, person, document)


def test_what_does_not_exist_cannot_be_signed(db, alice):
    with pytest.raises(NotFound):
        service.sign(db, alice, uuid4(), checked(SigningForm).value)


def test_the_copy_comes_as_a_link_and_the_mail_says_nothing_of_the_text(db, alice, needling):
    consent = a_signature(db, alice, a_document(db, None, needling))
    mail = db.exec(select(OutboxMail).where(OutboxMail.to == alice.email)).one()
    assert mail.link_path == f"/consents/signed/{consent.id}"
    assert "needl" not in (mail.subject + mail.text).lower()
    assert db.exec(select(Notice).where(Notice.person_id == alice.id)).one().href == mail.link_path
    entry = db.exec(select(AuditEntry).where(AuditEntry.action == "consents.signed")).one()
    assert (entry.actor_id, entry.client_id, entry.subject_id) == (alice.id, alice.id, consent.id)


# ---- its time ----


def test_a_signature_counts_through_its_last_day_and_can_then_be_given_anew(db, alice, needling):
    document = a_document(db, None, needling, valid_months=1)
    first = a_signature(db, alice, document)
    assert first.expires_on == rules.expires_on(queries.today(db), 1)
    after = first.expires_on + DAY
    assert queries.facts(db, alice.id, needling.id).on(first.expires_on) is ConsentState.SIGNED
    assert queries.facts(db, alice.id, needling.id).on(after) is ConsentState.EXPIRED
    assert queries.signed_by(db, [alice.id], needling.id, on=after) == set()
    with clock.travelled(35 * DAY):
        again = a_signature(db, alice, document)
    assert first.renewed_at
    assert first.is_unchanged
    assert queries.facts(db, alice.id, needling.id).expires_on == again.expires_on


def test_long_before_its_end_nothing_is_signed_anew(db, alice, needling):
    document = a_document(db, None, needling, valid_months=12)
    a_signature(db, alice, document)
    with clock.travelled(200 * DAY), pytest.raises(Refused, match="already"):
        a_signature(db, alice, document)


# ---- taking back ----


def test_a_consent_can_be_taken_back_at_any_time_and_the_clinic_is_told_without_health_words(
    db, alice, bob, needling, told
):
    consent = a_signed_consent(db, alice, needling)
    service.withdraw(db, alice, consent.id, "I am expecting a child.")
    assert state(db, alice, needling) is ConsentState.WITHDRAWN
    assert consent.withdrawn_reason == "I am expecting a child."
    assert consent.is_unchanged
    notice = db.exec(select(Notice).where(Notice.person_id == bob.id)).one()
    assert notice.text == "Alice Ash has withdrawn a consent."
    mail = db.exec(select(OutboxMail).where(OutboxMail.to == bob.email)).one()
    assert "child" not in mail.subject + mail.text + notice.text
    assert told == [alice.id, alice.id]


def test_no_reason_is_needed_and_a_new_yes_counts_again(db, alice, needling):
    consent = a_signed_consent(db, alice, needling)
    service.withdraw(db, alice, consent.id)
    again = a_signed_consent(db, alice, needling)
    assert queries.facts(db, alice.id, needling.id).signed_at == again.signed_at


def test_taking_back_ends_every_signature_about_the_same_thing(db, alice, dana, needling):
    first = a_document(db, dana, needling)
    a_signature(db, alice, first)
    newer = a_signature(db, alice, service.publish(db, dana, next_version(first)))
    service.withdraw(db, alice, newer.id)
    assert state(db, alice, needling) is ConsentState.WITHDRAWN
    assert not [one for one in queries.signatures(db, alice, alice.id) if one.is_standing]


def test_what_has_ended_cannot_be_taken_back_again(db, alice, needling):
    consent = a_signed_consent(db, alice, needling)
    service.withdraw(db, alice, consent.id)
    with pytest.raises(Refused, match="already"):
        service.withdraw(db, alice, consent.id)


def test_only_the_client_takes_back(db, alice, bob, charlie, dana, needling):
    consent = a_signed_consent(db, alice, needling)
    for person, refusal in ((bob, NotAllowed), (charlie, NotFound), (dana, NotFound)):
        with pytest.raises(refusal):
            service.withdraw(db, person, consent.id)


def test_photos_are_separate_from_treatment_and_from_each_other(db, alice, needling):
    a_signed_consent(db, alice, needling)
    assert queries.photo_purposes(db, alice.id) == set()
    teaching = a_signed_consent(db, alice, None, Purpose.PHOTO_TEACHING)
    record = a_signed_consent(db, alice, None, Purpose.PHOTO_RECORD)
    assert queries.photo_purposes(db, alice.id) == {Purpose.PHOTO_TEACHING, Purpose.PHOTO_RECORD}
    service.withdraw(db, alice, teaching.id)
    assert queries.photo_purposes(db, alice.id) == {Purpose.PHOTO_RECORD}
    assert record.is_standing
    assert state(db, alice, needling) is ConsentState.SIGNED


# ---- publishing ----


def test_without_a_text_there_is_nothing_to_sign(db, alice, needling):
    assert state(db, alice, needling) is ConsentState.NO_DOCUMENT
    a_document(db, None, needling)
    assert state(db, alice, needling) is ConsentState.MISSING


def test_a_version_that_must_be_signed_outdates_what_was_signed_and_tells_whom_it_concerns(
    db, alice, charlie, dana, needling, told
):
    first = a_document(db, dana, needling)
    a_signature(db, alice, first)
    soft = service.publish(db, dana, next_version(first))
    assert state(db, alice, needling) is ConsentState.SIGNED
    hard = service.publish(db, dana, next_version(soft, must_resign=True))
    assert state(db, alice, needling) is ConsentState.OUTDATED
    assert told == [alice.id, None]
    notices = db.exec(select(Notice.person_id).where(Notice.key.startswith("consents.again"))).all()
    assert notices == [alice.id]
    a_signature(db, alice, hard)
    assert state(db, alice, needling) is ConsentState.SIGNED


def test_versions_count_for_each_text_alone(db, dana, needling):
    numbers = [a_document(db, dana, needling).version for _ in range(3)]
    other = a_document(db, dana, None, Purpose.PHOTO_TEACHING)
    assert (numbers, other.version, other.published_by_id) == ([1, 2, 3], 1, dana.id)
    assert [one.version for one in queries.history(db, Purpose.TREATMENT, needling.id)] == [3, 2, 1]


def test_two_admins_do_not_overwrite_each_other(db, dana, needling):
    first = a_document(db, dana, needling)
    mine, theirs = next_version(first), next_version(first, body="Theirs.")
    service.publish(db, dana, theirs)
    with pytest.raises(Refused, match="meanwhile"):
        service.publish(db, dana, mine)


@pytest.mark.parametrize(
    "change, field",
    [
        ({"ask_0": ""}, "ask_0"),
        ({"options_0": "Only one"}, "options_0"),
        ({"right_0": 3}, "right_0"),
        ({"right_0": ""}, "right_0"),
        ({"explain_0": ""}, "explain_0"),
    ],
)
def test_a_question_that_cannot_be_answered_is_not_published(db, dana, needling, change, field):
    form = checked(WritingForm, **document_fields(needling, **change)).value
    with pytest.raises(Unfinished) as refused:
        service.publish(db, dana, form)
    assert list(refused.value.problems) == [field]
    assert db.exec(select(ConsentDocument)).first() is None


@pytest.mark.parametrize(
    "change, field",
    [
        ({"title": ""}, "title"),
        ({"body": " "}, "body"),
        ({"body": "x" * 20_001}, "body"),
        ({"statements": ""}, "statements"),
        ({"statements": "\n".join("abcdefghijk")}, "statements"),
        ({"valid_months": 0}, "valid_months"),
        ({"treatment_id": None}, "treatment_id"),
        ({"purpose": "photo_record"}, "treatment_id"),
        ({"options_0": "\n".join("abcdef")}, "options_0"),
    ],
)
def test_a_form_that_makes_no_text_says_why(db, needling, change, field):
    assert list(checked(WritingForm, **document_fields(needling, **change)).errors) == [field]


def test_a_consultation_needs_no_consent(db, dana, needling):
    with pytest.raises(Refused, match="consultation"):
        a_document(db, dana, treatments.consultation(db))


def test_the_starters_fill_what_is_empty_and_only_that(db, alice, dana, needling):
    own = a_document(db, dana, None, Purpose.PHOTO_RECORD)
    made = service.add_starters(db)
    assert {one.purpose for one in made} == {Purpose.TREATMENT, *PHOTO_PURPOSES} - {Purpose.PHOTO_RECORD}
    assert all(one.is_draft and one.published_by_id is None for one in made)
    assert not own.is_draft
    assert service.add_starters(db) == []
    assert all(shelf.document for shelf in queries.shelves(db))
    text = queries.newest(db, Purpose.TREATMENT, needling.id)
    assert "28 days" in text.body
    assert 2 <= len(text.checks) <= 3
    assert a_signature(db, alice, text).is_unchanged


def test_the_next_version_of_a_starter_is_no_draft_any_more(db, dana, needling):
    service.add_starters(db)
    text = queries.newest(db, Purpose.TREATMENT, needling.id)
    assert not service.publish(db, dana, next_version(text)).is_draft


# ---- reading ----


def test_each_sees_what_is_theirs(db, alice, bob, charlie, dana, needling):
    consent = a_signed_consent(db, alice, needling)
    assert queries.consent(db, alice, consent.id) == queries.consent(db, bob, consent.id) == consent
    for person in (charlie, dana):
        with pytest.raises(NotFound):
            queries.consent(db, person, consent.id)
        assert queries.signatures(db, person, alice.id) == []


def test_a_clients_page_names_everything_there_is_to_consent_to(db, alice, needling):
    a_signed_consent(db, alice, needling)
    matters = queries.mine(db, alice)
    assert [matter.shelf.purpose for matter in matters] == [Purpose.TREATMENT, *PHOTO_PURPOSES]
    assert [matter.state for matter in matters] == [ConsentState.SIGNED, *[ConsentState.MISSING] * 3]
    assert [matter.may_sign for matter in matters] == [False, True, True, True]


def test_the_calendar_learns_of_many_clients_with_two_statements(db, alice, bob, charlie, needling):
    a_signed_consent(db, alice, needling)
    counted = []
    sa.event.listen(db.connection(), "after_cursor_execute", lambda *_: counted.append(1))
    found = queries.signed_by(db, [alice.id, charlie.id], needling.id, on=clock.now().date())
    assert (found, len(counted)) == ({alice.id}, 2)
    assert queries.signed_by(db, [], needling.id) == set()


def test_another_treatments_consent_does_not_count(db, alice, needling):
    a_signed_consent(db, alice, needling)
    assert queries.facts(db, alice.id, uuid4()).state is ConsentState.NO_DOCUMENT
