"""Verbs: sign a verdict, place and lift holds. What is signed stays as it is."""

from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.errors import NotAllowed, Refused
from portal.kit.events import Event
from portal.notifications import service as notifications
from portal.questionnaires import queries as questionnaires
from portal.questionnaires.rules import Meaning
from portal.suitability import queries
from portal.suitability.forms import VerdictForm
from portal.suitability.models import Hold, Verdict
from portal.suitability.rules import HoldKind, Outcome
from portal.treatments import queries as treatments

PAGE = "/suitability"
CHANGED = Event()  # told (db, client_id): a verdict or a hold that the gate looks at
_PERSON = Person.__table__  # type: ignore[attr-defined]


def sign_verdict(db: Session, practitioner: Viewer, client_id: UUID, form: VerdictForm) -> Verdict:
    """Sign a verdict: from now on it alone counts, and the health answers given before it have been looked at. A yes
    against an answer that says stop or not yet needs its reason, for the file.
    """
    if not practitioner.is_practitioner:
        raise NotAllowed("Only a practitioner signs a verdict.")
    client = accounts.client(db, practitioner, client_id)
    if not treatments.get(db, form.treatment_id).needs_verdict:
        raise Refused("A verdict is about a treatment session, not about a consultation.")
    if form.outcome.allows and not form.despite_answers and speaks_against(db, client.id):
        raise Refused(
            "A health answer says stop or not yet. Decide otherwise, or say why you decide so in spite of it."
        )
    lock_row(db, _PERSON, client.id)  # as a booking does: none slips past what is signed here
    newest = questionnaires.newest(db, practitioner, client.id)
    if form.answers_seen and form.answers_seen != (str(newest.id) if newest else "none"):
        raise Refused("The client has sent new health answers meanwhile. Please look at them, then sign.")
    verdict = _drawn_up(practitioner, client.id, form)
    db.add(verdict)
    db.flush()
    audit.record(db, practitioner, "suitability.verdict_signed", verdict, client.id)
    text = "Your practitioner has written down the result of your consultation."
    notifications.tell(db, client.id, f"suitability.verdict:{verdict.id}", text, PAGE)
    CHANGED.tell(db, client.id)
    return verdict


def speaks_against(db: Session, client_id: UUID) -> bool:
    """Whether the newest health answers say stop, or not before a day that has not come."""
    today = clock.today(clinic.profile(db).time_zone)
    return any(
        change.meaning is Meaning.STOP or (change.until is not None and today < change.until)
        for change in questionnaires.changes_since(db, client_id, clock.EVER)
    )


def place_hold(
    db: Session, actor: Viewer | None, client_id: UUID, kind: HoldKind, reason: str, source_id: UUID | None = None
) -> Hold:
    """Pause new treatment sessions. The client reads `reason`. One source pauses once. No actor: the portal itself."""
    lock_row(db, _PERSON, client_id)
    if source_id and (known := queries.open_holds_from(db, source_id)):
        return known[0]
    hold = Hold(
        client_id=client_id, kind=kind, reason=reason, source_id=source_id, placed_by=actor.id if actor else None
    )
    db.add(hold)
    db.flush()
    audit.record(db, actor, "suitability.hold_placed", hold, client_id)
    text = "New sessions are paused for now. You can read why in the portal."
    notifications.tell(db, client_id, f"suitability.hold:{hold.id}", text, PAGE)
    CHANGED.tell(db, client_id)
    return hold


def lift_holds(db: Session, actor: Viewer | None, source_id: UUID) -> None:
    """End every pause that this source caused; fine when there is none."""
    for hold in queries.open_holds_from(db, source_id):
        _lift(db, actor, hold)


def lift_hold(db: Session, actor: Viewer, hold_id: UUID) -> Hold:
    """A practitioner ends one pause. Raises NotFound; Refused when it has ended already."""
    if not actor.is_practitioner:
        raise NotAllowed("Only a practitioner ends a pause.")
    hold = queries.hold(db, actor, hold_id)
    if not hold.is_open:
        raise Refused("This pause has ended already.", ("Back to the client", f"/clients/{hold.client_id}/verdict"))
    _lift(db, actor, hold)
    return hold


def _lift(db: Session, actor: Viewer | None, hold: Hold) -> None:
    hold.lifted_at, hold.lifted_by = clock.now(), actor.id if actor else None
    db.add(hold)
    db.flush()
    audit.record(db, actor, "suitability.hold_lifted", hold, hold.client_id)
    CHANGED.tell(db, hold.client_id)


def _drawn_up(practitioner: Viewer, client_id: UUID, form: VerdictForm) -> Verdict:
    """Only what the outcome means is kept: a no has no scope, a yes no date of deferral."""
    verdict = Verdict(
        client_id=client_id,
        practitioner_id=practitioner.id,
        outcome=form.outcome,
        reasons=form.reasons,
        scope_treatment_id=form.treatment_id,
        despite_answers=form.despite_answers if form.outcome.allows else "",
        note_private=form.note_private,
    )
    if form.outcome is Outcome.DEFERRED:
        verdict.deferred_until = form.deferred_until
    if form.outcome is Outcome.WITH_CONDITIONS:
        verdict.conditions = form.conditions
    if form.outcome.allows:
        verdict.scope_sessions, verdict.scope_zones = form.sessions or 0, [str(zone) for zone in form.zones]
        verdict.scope_max_depth_mm, verdict.valid_until = form.max_depth_mm, form.valid_until
    return verdict
