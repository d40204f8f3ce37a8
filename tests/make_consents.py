"""Consent texts and signatures for tests, made through the services."""

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.consents import queries, service
from portal.consents.forms import DocumentForm, SignForm, SigningForm, WritingForm, as_typed
from portal.consents.models import Consent, ConsentDocument
from portal.consents.rules import Purpose
from portal.kit.forms import checked
from portal.treatments.models import Treatment


def document_fields(
    treatment: Treatment | None, purpose: Purpose | None = None, **changes: object
) -> dict[str, object]:
    """What the admin's form carries for a short text; about photos when no treatment is named."""
    fields: dict[str, object] = {
        "purpose": purpose or (Purpose.TREATMENT if treatment else Purpose.PHOTO_RECORD),
        "treatment_id": treatment.id if treatment else None,
        "after": 0,
        "title": "Consent to needling",
        "body": "What we do\n\nFine needles prick the skin.\n\nYour choice\n\nYou may stop at any time.",
        "statements": "I have read this text.\nI want this treatment.",
        "ask_0": "When may you stop?",
        "options_0": "Never\nAt any time",
        "right_0": 2,
        "explain_0": "Please read “Your choice” once more.",
    }
    return {**fields, **changes}


def a_document(
    db: Session, admin: Viewer | None, treatment: Treatment | None, purpose: Purpose | None = None, **changes: object
) -> ConsentDocument:
    """The next version of a short text, published; `changes` replace fields, for example must_resign=True."""
    fields = document_fields(treatment, purpose, **changes)
    before = queries.newest(db, Purpose(str(fields["purpose"])), treatment.id if treatment else None)
    form: DocumentForm = checked(WritingForm, **{**fields, "after": before.version if before else 0}).value
    return service.publish(db, admin, form)


def right_answers(document: ConsentDocument, name: str) -> dict[str, object]:
    """What the signing form carries when everything is right and ticked."""
    fields: dict[str, object] = {f"check_{number}": check.right for number, check in enumerate(document.questions)}
    return {**fields, **{f"agree_{number}": "yes" for number, _ in enumerate(document.statements)}, "name": name}


def a_signature(db: Session, client: Viewer, document: ConsentDocument) -> Consent:
    """The client's signature below this text."""
    form: SignForm = checked(SigningForm, **right_answers(document, client.name)).value
    return service.sign(db, client, document.id, form)


def a_signed_consent(
    db: Session, client: Viewer, treatment: Treatment | None, purpose: Purpose = Purpose.TREATMENT
) -> Consent:
    """The client's signature below the text in force, the one that stands or a new one; our starters are published
    where there is no text.
    """
    about = treatment.id if treatment else None
    if queries.newest(db, purpose, about) is None:
        service.add_starters(db)
    document = queries.newest(db, purpose, about)
    assert document
    return queries.standing_below(db, client.id, document.id) or a_signature(db, client, document)


def next_version(document: ConsentDocument, **changes: object) -> DocumentForm:
    """The form that would publish this text again as its next version, with `changes`."""
    form: DocumentForm = checked(WritingForm, **{**as_typed(document), "after": document.version, **changes}).value
    return form
