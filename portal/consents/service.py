"""Verbs: sign, take back, publish. A published text and a signature never change; what follows is a new row."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.consents import queries, rules, starters
from portal.consents.forms import DocumentForm, SignForm, Unfinished, WritingForm, as_typed, lines
from portal.consents.models import Consent, ConsentDocument
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.errors import NotAllowed, Refused
from portal.kit.events import Event
from portal.kit.forms import checked
from portal.notifications import service as notifications
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment

CHANGED = Event()
"""Told (db, client_id) when a client signs or takes back; (db, None) when everybody must sign a new text."""
PAGE = "/consents"
_PERSON = Person.__table__  # type: ignore[attr-defined]
_TREATMENT = Treatment.__table__  # type: ignore[attr-defined]
_MEANWHILE = "Somebody published another version meanwhile. Please look at it; if you publish again, yours follows it."


class Replaced(Refused):
    """A newer text was published while the client was reading: `text` is the one in force."""

    def __init__(self, text: ConsentDocument) -> None:
        sentence = "We have published a newer version of this text while you were reading. Nothing was signed."
        super().__init__(sentence, ("Read the new text", f"{PAGE}/documents/{text.id}"))
        self.text = text


def sign(db: Session, client: Viewer, document_id: UUID, form: SignForm) -> Consent:
    """Sign exactly this version. Raises NotFound; Replaced by a newer one; Refused when it is signed already;
    Unfinished with a sentence for each answer, tick or name that is missing or wrong.
    """
    if not client.is_client:
        raise NotAllowed("Only the client signs a consent, never the team.")
    lock_row(db, _PERSON, client.id)  # as a booking does: none slips past what is signed here
    text = queries.document(db, document_id)
    in_force = queries.newest(db, text.purpose, text.treatment_id)
    if in_force and in_force.id != text.id:
        raise Replaced(in_force)
    known = queries.standing_below(db, client.id, text.id)
    if known and not rules.may_renew(known.expires_on, queries.today(db)):
        raise Refused("You have signed this text already.", ("See your copy", f"{PAGE}/signed/{known.id}"))
    if problems := form.problems(text, client.name):
        raise Unfinished(problems)
    if known:
        known.renewed_at = clock.now()
        db.flush()  # before the new one comes: only one may stand
    return _signed(db, client, text, form)


def withdraw(db: Session, client: Viewer, consent_id: UUID, reason: str = "") -> Consent:
    """Take a consent back: every signature about the same thing ends now. Raises NotFound; Refused when it is over."""
    consent = queries.consent(db, client, consent_id)
    if consent.client_id != client.id:
        raise NotAllowed("Only the client takes a consent back.")
    lock_row(db, _PERSON, client.id)
    standing = queries.standing_with(db, consent)
    if consent not in standing:
        raise Refused("This consent has ended already.", ("Your consents", PAGE))
    for one in standing:
        one.withdrawn_at, one.withdrawn_reason = clock.now(), reason
    db.flush()
    audit.record(db, client, "consents.withdrawn", consent, client.id)
    text, href = f"{client.name} has withdrawn a consent.", f"/clients/{client.id}/consents"
    notifications.tell_practitioners(db, f"consents.withdrawn:{consent.id}", text, href)
    CHANGED.tell(db, client.id)
    return consent


def publish(db: Session, actor: audit.Actor | None, form: DocumentForm, *, is_draft: bool = False) -> ConsentDocument:
    """Publish the next version of a text; from now on it is in force. Raises Unfinished; Refused when somebody else
    published meanwhile, or when the treatment needs no consent. Who must sign again is told.
    """
    if problems := form.problems():
        raise Unfinished(problems)
    before = _latest(db, form)
    row = _written(form, before.version + 1 if before else 1)
    row.is_draft, row.published_by_id = is_draft, actor.id if actor else None
    try:
        with db.begin_nested():  # of two who publish the same number at once, the database lets one
            db.add(row)
    except IntegrityError as error:
        raise Refused(_MEANWHILE) from error
    audit.record(db, actor, "consents.published", row)
    if before and row.must_resign:
        _ask_again(db, row)
    return row


def preview(form: DocumentForm) -> ConsentDocument:
    """The text as it would be published, stored nowhere. Raises Unfinished."""
    if problems := form.problems():
        raise Unfinished(problems)
    return _written(form, form.after + 1)


def add_starters(db: Session, actor: audit.Actor | None = None) -> Sequence[ConsentDocument]:
    """A first text wherever there is none: for each treatment that needs a verdict and each purpose of photos.
    Drafts of ours that the clinic must make its own.
    """
    bare = [shelf for shelf in queries.shelves(db) if shelf.document is None]
    return [publish(db, actor, starter_form(shelf), is_draft=True) for shelf in bare]


def starter_form(shelf: queries.Shelf) -> DocumentForm:
    """Our starting text for a shelf, as an admin would send it."""
    form: DocumentForm = checked(WritingForm, **as_typed(starter(shelf))).value
    return form


def starter(shelf: queries.Shelf) -> ConsentDocument:
    """Our starting text for a shelf, not published."""
    treatment = shelf.treatment
    words = starters.needling(treatment.name, treatment.interval_days) if treatment else starters.PHOTOS[shelf.purpose]
    return ConsentDocument(
        purpose=shelf.purpose,
        treatment_id=treatment.id if treatment else None,
        title=words.title,
        body=words.body,
        statements=list(words.statements),
        checks=[_plain(check) for check in words.checks],
        valid_months=words.valid_months,
    )


def _signed(db: Session, client: Viewer, text: ConsentDocument, form: SignForm) -> Consent:
    consent = Consent(
        client_id=client.id,
        document_id=text.id,
        purpose=text.purpose,
        treatment_id=text.treatment_id,
        version=text.version,
        title=text.title,
        body=text.body,
        statements=text.statements,
        checks=[{**check, "answer": form.answers[number]} for number, check in enumerate(text.checks)],
        signer_name=form.name,
        expires_on=rules.expires_on(queries.today(db), text.valid_months),
        sha256="",
    )
    consent.sha256 = rules.digest(consent.text)
    db.add(consent)
    db.flush()
    audit.record(db, client, "consents.signed", consent, client.id)
    words, subject = "Thank you for signing. Your copy is here to read, print and keep.", "Your copy is in the portal"
    key, href = f"consents.signed:{consent.id}", f"{PAGE}/signed/{consent.id}"
    notifications.tell(db, client.id, key, words, href, by_mail=subject)
    CHANGED.tell(db, client.id)
    return consent


def _latest(db: Session, form: DocumentForm) -> ConsentDocument | None:
    """The version the form follows; None for the first one."""
    if form.treatment_id and not treatments.get(db, form.treatment_id).needs_verdict:
        raise Refused("A consultation needs no consent. Please choose a treatment session.")
    if form.treatment_id:  # a booking keeps this row to its end: none slips past the new text
        lock_row(db, _TREATMENT, form.treatment_id)
    before = queries.newest(db, form.purpose, form.treatment_id)
    if form.after != (before.version if before else 0):
        raise Refused(_MEANWHILE)
    return before


def _written(form: DocumentForm, version: int) -> ConsentDocument:
    return ConsentDocument(
        purpose=form.purpose,
        treatment_id=form.treatment_id,
        version=version,
        title=form.title,
        body=form.body,
        statements=lines(form.statements),
        checks=[_plain(check) for check in form.checks],
        valid_months=form.valid_months,
        must_resign=form.must_resign,
    )


def _ask_again(db: Session, text: ConsentDocument) -> None:
    words, href = "There is a new version of a text you signed. Please read it and sign again.", PAGE
    for client_id in queries.signers(db, text):
        notifications.tell(db, client_id, f"consents.again:{text.id}", words, href)
    CHANGED.tell(db, None)


def _plain(check: rules.Check) -> dict[str, object]:
    return {"ask": check.ask, "options": list(check.options), "right": check.right, "explain": check.explain}
