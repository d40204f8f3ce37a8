import hashlib
from datetime import timedelta

import pytest
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.consents import queries, service
from portal.consents.models import Consent, ConsentDocument
from portal.consents.rules import Purpose
from portal.kit import clock
from portal.kit.db import transaction
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from tests.make_consents import a_document, a_signed_consent, document_fields, next_version, right_answers


@pytest.fixture
def needling(engine):
    with transaction(engine) as db:
        catalogue.add_starters(db)
        return treatments.needling(db)


@pytest.fixture
def document(engine, needling):
    with transaction(engine) as db:
        return a_document(db, None, needling)


@pytest.fixture
def signed(engine, alice, needling, document):
    with transaction(engine) as db:
        return a_signed_consent(db, alice, needling)


def address(document):
    return f"/consents/documents/{document.id}"


def fields(document, **changes):
    return {**right_answers(document, "Alice Ash"), **changes}


def kept(engine):
    with transaction(engine, write=False) as db:
        return db.exec(select(Consent)).all()


# ---- the client ----


def test_a_client_reads_answers_ticks_signs_and_finds_the_copy(alice_browser, engine, document):
    assert f'href="{address(document)}"' in alice_browser.get("/consents").text
    page = alice_browser.get(address(document)).text
    assert "<h2>What we do</h2>" in page
    assert page.count('type="radio"') == 2
    assert "checked" not in page
    answer = alice_browser.post(address(document), data=fields(document))
    assert (answer.status_code, answer.headers["location"]) == (303, "/consents")
    (consent,) = kept(engine)
    assert f'href="/consents/signed/{consent.id}"' in alice_browser.get("/consents").text


def test_a_wrong_answer_says_kindly_what_to_read_again_and_the_rest_stays(alice_browser, engine, document):
    answer = alice_browser.post(address(document), data=fields(document, check_0="0", name="alice ash"))
    assert answer.status_code == 422
    assert "Not quite. Please read “Your choice” once more." in answer.text
    assert 'value="alice ash"' in answer.text
    assert answer.text.count(" checked") == 2
    assert not kept(engine)


def test_a_right_answer_stays_beside_a_wrong_one(alice_browser, engine, needling):
    with transaction(engine) as db:
        two = {"ask_1": "Is growth certain?", "options_1": "No\nYes", "right_1": 1, "explain_1": "Please read again."}
        document = a_document(db, None, needling, **two)
    page = alice_browser.post(address(document), data=fields(document, check_0="1", check_1="1")).text
    assert page.count(" checked") == 3
    assert "Please read again." in page


def test_each_missing_tick_and_a_foreign_name_have_their_sentence(alice_browser, engine, document):
    page = alice_browser.post(address(document), data=fields(document, agree_0="", name="Bob Birch")).text
    assert 'id="e-agree_0"' in page
    assert 'id="e-agree_1"' not in page
    assert "Please type your name as we have it: Alice Ash." in page
    assert not kept(engine)


def test_an_empty_form_signs_nothing(alice_browser, engine, document):
    assert alice_browser.post(address(document)).status_code == 422
    assert not kept(engine)


def test_the_second_post_of_the_form_does_nothing(alice_browser, engine, document):
    once = fields(document, form_token="the-same")
    first, second = (alice_browser.post(address(document), data=once) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(kept(engine)) == 1


def test_who_read_an_older_text_is_shown_the_new_one_and_signs_nothing(alice_browser, engine, document):
    with transaction(engine) as db:
        newer = service.publish(db, None, next_version(document, body="The words are new."))
    answer = alice_browser.post(address(document), data=fields(document))
    assert answer.status_code == 409
    assert "Nothing was signed." in answer.text
    assert "The words are new." in answer.text
    assert f'action="{address(newer)}"' in answer.text
    assert "checked" not in answer.text
    assert not kept(engine)


def test_an_old_link_leads_to_the_text_in_force(alice_browser, engine, document):
    with transaction(engine) as db:
        newer = service.publish(db, None, next_version(document))
    assert alice_browser.get(address(document)).headers["location"] == address(newer)


def test_what_is_signed_is_not_signed_again(alice_browser, document, signed):
    page = alice_browser.get(address(document)).text
    assert "You have signed this" in page
    assert ">Sign<" not in page
    assert alice_browser.post(address(document), data=fields(document)).status_code == 409


def test_what_has_expired_can_be_signed_again(alice_browser, engine, alice, needling):
    with transaction(engine) as db, clock.travelled(-timedelta(days=60)):
        text = a_document(db, None, needling, valid_months=1)
        a_signed_consent(db, alice, needling)
    assert "Expired" in alice_browser.get("/consents").text
    assert alice_browser.post(address(text), data=fields(text)).status_code == 303
    assert len(kept(engine)) == 2


def test_the_copy_holds_the_exact_words_and_says_that_they_are_unchanged(alice_browser, engine, document, signed):
    with transaction(engine) as db:
        service.publish(db, None, next_version(document, body="Other words."))
    page = alice_browser.get(f"/consents/signed/{signed.id}").text
    for words in ("Fine needles prick the skin.", "I want this treatment.", "At any time", "Alice Ash", signed.sha256):
        assert words in page
    assert "Unchanged since signing" in page
    assert "Other words." not in page


def test_a_copy_that_was_tampered_with_says_so(alice_browser, engine, signed):
    with transaction(engine) as db:
        db.get(Consent, signed.id).body = "You may never stop."
    page = alice_browser.get(f"/consents/signed/{signed.id}").text
    assert "Changed since signing" in page
    assert "Unchanged since signing" not in page


def test_the_exact_text_as_a_file_has_the_fingerprint_that_is_shown(alice_browser, signed):
    answer = alice_browser.get(f"/consents/signed/{signed.id}/text")
    assert hashlib.sha256(answer.content).hexdigest() == signed.sha256
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_consent_is_taken_back_without_a_reason(alice_browser, engine, signed):
    answer = alice_browser.post(f"/consents/signed/{signed.id}/withdraw", data={"reason": ""})
    assert answer.headers["location"] == "/consents"
    assert kept(engine)[0].withdrawn_at
    page = alice_browser.get("/consents").text
    assert "Withdrawn" in page
    assert "Read it again" in page
    assert alice_browser.post(f"/consents/signed/{signed.id}/withdraw").status_code == 409


def test_a_reason_that_is_too_long_comes_back_with_a_sentence(alice_browser, engine, signed):
    answer = alice_browser.post(f"/consents/signed/{signed.id}/withdraw", data={"reason": "so " * 600})
    assert answer.status_code == 422
    assert "This is too long" in answer.text
    assert "so so so" in answer.text
    assert not kept(engine)[0].withdrawn_at


def test_each_purpose_of_photos_is_asked_for_alone(alice_browser, engine, needling):
    with transaction(engine) as db:
        service.add_starters(db)
        teaching = queries.newest(db, Purpose.PHOTO_TEACHING)
    page = alice_browser.get("/consents").text
    for purpose in ("Photos in your record", "Photos for teaching", "Photos in public"):
        assert purpose in page
    alice_browser.post(address(teaching), data=fields(teaching))
    assert [one.purpose for one in kept(engine)] == [Purpose.PHOTO_TEACHING]


def test_while_there_is_no_text_the_page_says_so(alice_browser, needling):
    page = alice_browser.get("/consents").text
    assert "We are still preparing the text" in page
    assert "No text yet" not in page


def test_a_stranger_gets_404(charlie_browser, engine, signed):
    for path in (f"/consents/signed/{signed.id}", f"/consents/signed/{signed.id}/text"):
        assert charlie_browser.get(path).status_code == 404
    assert charlie_browser.post(f"/consents/signed/{signed.id}/withdraw").status_code == 404
    assert not kept(engine)[0].withdrawn_at


# ---- the practitioner ----


def test_a_practitioner_sees_what_stands_and_what_was_taken_back_and_that_is_recorded(
    bob_browser, alice_browser, engine, alice, signed
):
    alice_browser.post(f"/consents/signed/{signed.id}/withdraw", data={"reason": "I want to wait."})
    page = bob_browser.get(f"/clients/{alice.id}/consents").text
    assert "Withdrawn" in page
    assert "I want to wait." in page
    assert "Fine needles" in bob_browser.get(f"/consents/signed/{signed.id}").text
    with transaction(engine, write=False) as db:
        seen = db.exec(select(AuditEntry.subject_id).where(AuditEntry.action == "consents.seen")).all()
    assert seen == [None, signed.id]


def test_a_client_who_signed_nothing_has_a_page_too(bob_browser, charlie, document):
    assert "Nothing is signed yet" in bob_browser.get(f"/clients/{charlie.id}/consents").text


def test_an_admin_sees_texts_and_no_signatures(dana_browser, alice, signed, document):
    assert dana_browser.get(f"/admin/consents/{document.id}").status_code == 200
    assert dana_browser.get(f"/consents/signed/{signed.id}").status_code == 404
    assert dana_browser.get(f"/clients/{alice.id}/consents").status_code == 403


# ---- the admin ----


def test_a_treatment_without_a_text_is_shown_with_the_way_to_publish_one(dana_browser, needling):
    page = dana_browser.get("/admin/consents").text
    assert "Nobody can book this treatment until there is one." in page
    assert f'href="/admin/consents/write?about={needling.id}"' in page


def test_our_starter_is_there_to_begin_with_and_is_published_as_the_clinics_own(dana_browser, engine, dana, needling):
    page = dana_browser.get(f"/admin/consents/write?about={needling.id}").text
    assert "We do not promise growth." in page
    with transaction(engine) as db:
        fields = document_fields(needling, then="publish")
    answer = dana_browser.post("/admin/consents/write", data={k: v for k, v in fields.items() if v is not None})
    assert answer.status_code == 303
    with transaction(engine, write=False) as db:
        (row,) = db.exec(select(ConsentDocument)).all()
    assert (row.version, row.published_by_id, row.is_draft) == (1, dana.id, False)
    assert "Draft of ours" not in dana_browser.get("/admin/consents").text


def test_a_preview_shows_the_text_and_publishes_nothing(dana_browser, engine, document, needling):
    data = document_fields(needling, after=1, body="Quite new words.", must_resign="yes", then="preview")
    page = dana_browser.post("/admin/consents/write", data=data).text
    assert "as version 2" in page
    assert page.count("Quite new words.") == 2
    assert 'value="yes" checked' in page
    with transaction(engine, write=False) as db:
        assert len(db.exec(select(ConsentDocument)).all()) == 1


def test_a_mistake_comes_back_with_what_was_typed(dana_browser, document, needling):
    data = document_fields(needling, after=1, body="Quite new words.", options_0="Only one", then="publish")
    answer = dana_browser.post("/admin/consents/write", data=data)
    assert answer.status_code == 422
    assert "Please give at least two answers" in answer.text
    assert "Quite new words." in answer.text


def test_somebody_elses_version_is_not_overwritten_unseen(dana_browser, engine, document, needling):
    with transaction(engine) as db:
        service.publish(db, None, next_version(document))
    data = document_fields(needling, after=1, then="publish")
    answer = dana_browser.post("/admin/consents/write", data=data)
    assert answer.status_code == 422
    assert "Somebody published another version meanwhile." in answer.text
    assert 'name="after" value="2"' in answer.text


def test_every_version_can_be_read_with_who_published_it(dana_browser, engine, dana, document):
    with transaction(engine) as db:
        newer = service.publish(db, dana, next_version(document, must_resign=True))
    page = dana_browser.get(f"/admin/consents/{document.id}").text
    assert "Version 1, replaced" in page
    assert f'href="/admin/consents/{newer.id}"' in page
    assert "Dana Doe" in page
    assert "Everybody had to sign again." in page


def test_there_is_no_text_about_nothing(dana_browser, needling):
    assert dana_browser.get("/admin/consents/write?about=nothing").status_code == 404
