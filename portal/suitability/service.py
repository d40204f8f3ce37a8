"""Verbs: answer the health questions, sign a verdict, place and lift holds. What is signed stays as it is."""

from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.errors import NotAllowed, Refused
from portal.notifications import service as notifications
from portal.suitability import queries, screening
from portal.suitability.forms import HealthForm, VerdictForm
from portal.suitability.models import HealthAnswers, Hold, Verdict
from portal.suitability.rules import HoldKind, Outcome
from portal.treatments import queries as treatments

PAGE = "/suitability"
_PERSON = Person.__table__  # type: ignore[attr-defined]


def submit_answers(db: Session, client: Viewer, form: HealthForm) -> HealthAnswers:
    """Store the answers as a new row. A new flag under a valid yes pauses new sessions until a practitioner looked."""
    before = queries.latest_answers(db, client, client.id)
    row = HealthAnswers(client_id=client.id, version=screening.VERSION, answers=form.answers, note=form.note)
    db.add(row)
    db.flush()
    audit.record(db, client, "suitability.answered", row, client.id)
    verdict = queries.current_verdict(db, client, client.id)
    if verdict and verdict.outcome.allows and before and screening.newly_raised(row.answers, before.answers):
        place_hold(db, None, client.id, HoldKind.HEALTH_ANSWER, "You told us about a change in your health.", row.id)
    text, href = f"{client.name} has answered the health questions.", f"/clients/{client.id}/verdict"
    notifications.tell_practitioners(db, f"suitability.answered:{row.id}", text, href, by_mail=None)
    return row


def sign_verdict(db: Session, practitioner: Viewer, client_id: UUID, form: VerdictForm) -> Verdict:
    """Sign a verdict: from now on it alone counts. It ends pauses for changed health answers: they were looked at."""
    if not practitioner.is_practitioner:
        raise NotAllowed("Only a practitioner signs a verdict.")
    client = accounts.client(db, practitioner, client_id)
    if not treatments.get(db, form.treatment_id).needs_verdict:
        raise Refused("A verdict is about a treatment session, not about a consultation.")
    lock_row(db, _PERSON, client.id)  # as a booking does: none slips past what is signed here
    verdict = _drawn_up(practitioner, client.id, form)
    db.add(verdict)
    db.flush()
    for hold in queries.open_holds_of_kind(db, client.id, HoldKind.HEALTH_ANSWER):
        _lift(db, practitioner, hold)
    audit.record(db, practitioner, "suitability.verdict_signed", verdict, client.id)
    text = "Your practitioner has written down the result of your consultation."
    notifications.tell(db, client.id, f"suitability.verdict:{verdict.id}", text, PAGE)
    return verdict


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
    audit.record(db, actor, "suitability.hold_lifted", hold, hold.client_id)


def _drawn_up(practitioner: Viewer, client_id: UUID, form: VerdictForm) -> Verdict:
    """Only what the outcome means is kept: a no has no scope, a yes no date of deferral."""
    verdict = Verdict(
        client_id=client_id,
        practitioner_id=practitioner.id,
        outcome=form.outcome,
        reasons=form.reasons,
        scope_treatment_id=form.treatment_id,
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
