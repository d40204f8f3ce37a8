"""The gate over time: it is asked again for what is booked, put aside by a reasoned override, and never silently."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import Session

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings import gates, notices, queries, rules
from portal.bookings.models import Appointment, ChangeRequest, GateOverride
from portal.bookings.rules import Override, Wish
from portal.clinic import queries as clinic
from portal.kit import clock, jobs
from portal.kit.db import lock_row, transaction
from portal.kit.errors import NotAllowed, Refused
from portal.suitability.answer import GateAnswer, Overriding
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment

RECHECK = "bookings.recheck"
_BEGUN = "The time of this appointment has come, so it is given up. Please book a new one; the gate is asked there."
_PERSON = Person.__table__  # type: ignore[attr-defined]


def require_open(actor: Viewer | None, answer: GateAnswer, override: Override | None) -> None:
    """Refused with all reasons while the gate is shut, unless a practitioner overrides what may be overridden."""
    if answer.is_open:
        return
    if override is None:
        raise Refused(answer.to_client if actor and actor.is_client else answer.to_clinic)
    if actor is None or not actor.is_practitioner:
        raise NotAllowed("Only a practitioner decides in spite of the gate.")
    if answer.overriding is Overriding.NEVER:
        never = [reason for reason in answer.reasons if reason.overriding is Overriding.NEVER]
        raise Refused("This cannot be overridden. " + " ".join(f"{one.sentence} {one.clinic_next}" for one in never))


def let_pass(
    db: Session, practitioner: Viewer, appointment: Appointment, answer: GateAnswer, override: Override
) -> GateOverride:
    """Record the override; where a second practitioner must agree, the appointment is on hold until that is done."""
    row = GateOverride(
        appointment_id=appointment.id,
        client_id=appointment.client_id,
        codes=[str(code) for code in answer.codes],
        for_starts_at=appointment.starts_at,
        kind=override.kind,
        reason=override.reason,
        by_id=practitioner.id,
        needs_countersign=rules.needs_countersign(answer, override.kind),
    )
    db.add(row)
    db.flush()
    audit.record(db, practitioner, "bookings.gate_overridden", row, appointment.client_id)
    if row.needs_countersign:
        notices.to_countersign(db, practitioner, appointment, row.id)
    recheck(db, appointment.client_id)
    return row


def override_standing(db: Session, practitioner: Viewer, appointment: Appointment, override: Override) -> GateOverride:
    """Let an appointment on hold stand. Refused when it is not on hold or has begun, or this cannot be overridden."""
    lock_row(db, _PERSON, appointment.client_id)
    db.refresh(appointment)
    if not appointment.is_on_hold:
        raise Refused("This appointment is not on hold, so there is nothing to override.")
    if appointment.starts_at <= clock.now():
        raise Refused(_BEGUN)
    answer = standing(db, appointment)
    require_open(practitioner, answer, override)
    return let_pass(db, practitioner, appointment, answer, override)


def countersign(db: Session, practitioner: Viewer, override_id: UUID) -> GateOverride:
    """A second practitioner agrees. Refused to whoever overrode, and when it is done or the time has changed."""
    row = queries.override(db, practitioner, override_id)
    lock_row(db, _PERSON, row.client_id)
    db.refresh(row)
    appointment = queries.appointment(db, practitioner, row.appointment_id)
    db.refresh(appointment)
    if row.by_id == practitioner.id:
        raise Refused("You cannot countersign your own decision: another practitioner does.")
    if row.countersigned_at or not row.needs_countersign:
        raise Refused("This has been countersigned already, or needs no countersignature.")
    if not appointment.is_booked or appointment.starts_at != row.for_starts_at:
        raise Refused("The appointment was moved or cancelled: the decision was about its old time.")
    if appointment.starts_at <= clock.now():
        raise Refused(_BEGUN)
    row.countersigned_by_id, row.countersigned_at = practitioner.id, clock.now()
    db.flush()
    audit.record(db, practitioner, "bookings.override_countersigned", row, row.client_id)
    recheck(db, row.client_id)
    return row


def standing(db: Session, appointment: Appointment) -> GateAnswer:
    """What the gate says of an appointment that is booked, less what was let pass."""
    treatment = treatments.get(db, appointment.treatment_id)
    return gates.standing_gates(db, appointment.client_id, treatment)(appointment)


def recheck(db: Session, client_id: UUID | None) -> None:
    """Ask the gate about every future session of a client: what it shuts goes on hold, what it opens stands again.

    No client: a fact that touches everybody has changed; each client is asked about in a job of their own.
    """
    if client_id is None:
        recheck_everybody(db, f"now:{clock.now().isoformat()}")
        return
    lock_row(db, _PERSON, client_id)
    db.flush()
    ahead = queries.ahead(db, client_id)
    for treatment_id in {one.treatment_id for one in ahead}:
        _recheck(db, treatments.get(db, treatment_id), [one for one in ahead if one.treatment_id == treatment_id])


def recheck_after(db: Session, appointment: Appointment, known: Iterable[Appointment]) -> None:
    """A new session may shut a later one of `known`: another treatment may ask for a longer rest."""
    if any(one.starts_at > appointment.starts_at for one in known):
        recheck(db, appointment.client_id)


def nightly(db: Session) -> None:
    """The tick: once each day of the clinic, everybody's future sessions are asked about."""
    recheck_everybody(db, f"day:{clock.today(clinic.profile(db).time_zone)}")


def recheck_everybody(db: Session, when: str) -> None:
    """One job that finds the clients when it runs; the same `when` is done once."""
    jobs.enqueue(db, RECHECK, f"{RECHECK}:{when}")


def recheck_all(surroundings: jobs.Surroundings, _: object) -> None:
    """The job: each client in a transaction of their own, so that nobody waits for all and nobody's trouble keeps the
    others from being asked about. Raises what went wrong last, so that the job is tried again.
    """
    with transaction(surroundings.engine, write=False) as db:
        clients = sorted({one.client_id for one in queries.ahead(db)})
    jobs.each(clients, lambda client_id: _recheck_one(surroundings, client_id))


def _recheck_one(surroundings: jobs.Surroundings, client_id: UUID) -> None:
    with transaction(surroundings.engine) as db:
        recheck(db, client_id)


def ask_for_change(db: Session, client: Viewer, appointment: Appointment, wish: Wish, reason: str) -> ChangeRequest:
    """A client asks for what it is too late to do alone. Asking twice is asking once."""
    if not appointment.is_booked or clock.now() >= appointment.starts_at:
        raise Refused("This appointment can no longer be changed. Please call us.")
    lock_row(db, _PERSON, appointment.client_id)
    if known := queries.request_of(db, client, appointment.id):
        return known
    row = ChangeRequest(appointment_id=appointment.id, client_id=appointment.client_id, wish=wish, reason=reason)
    db.add(row)
    db.flush()
    audit.record(db, client, "bookings.change_asked", row, appointment.client_id)
    notices.change_asked(db, client, appointment, row.id)
    return row


def answer_request(db: Session, practitioner: Viewer, appointment: Appointment, words: str) -> None:
    """Answer a request without changing the appointment. Refused when there is none."""
    row = queries.request_of(db, practitioner, appointment.id)
    if row is None:
        raise Refused("There is no open request to answer.")
    _answered(db, practitioner, row, words)
    notices.change_answered(db, practitioner, appointment, row.id)


def answered_by_doing(db: Session, actor: Viewer | None, appointment: Appointment) -> None:
    """A moved or cancelled appointment answers whatever was asked for about it, whoever did it."""
    for row in queries.unanswered(db, appointment.id):
        _answered(db, actor, row, "")


def _answered(db: Session, actor: Viewer | None, row: ChangeRequest, words: str) -> None:
    row.answered_at, row.answered_by_id, row.answer = clock.now(), actor.id if actor else None, words
    db.flush()
    audit.record(db, actor, "bookings.change_answered", row, row.client_id)


def _recheck(db: Session, treatment: Treatment, ahead: Sequence[Appointment]) -> None:
    ask = gates.standing_gates(db, ahead[0].client_id, treatment)
    held, again = [], []
    for appointment in ahead:
        answer = ask(appointment)
        codes = [str(code) for code in answer.codes]
        if codes and not appointment.is_on_hold:
            _put_on_hold(db, appointment, codes)
            held.append(appointment)
        elif not codes and appointment.is_on_hold:
            _stands_again(db, appointment)
            again.append(appointment)
        elif codes != appointment.on_hold_codes:
            appointment.on_hold_codes = codes
    db.flush()
    notices.on_hold(db, held)
    notices.stand_again(db, again)


def _put_on_hold(db: Session, appointment: Appointment, codes: list[str]) -> None:
    at, hours = clock.now(), clinic.policy(db).on_hold_keep_hours
    appointment.on_hold_since = at
    appointment.on_hold_until = rules.kept_until(appointment.starts_at, at, hours)
    appointment.on_hold_codes = codes
    appointment.revision += 1
    db.flush()
    audit.record(db, None, "bookings.put_on_hold", appointment, appointment.client_id)


def _stands_again(db: Session, appointment: Appointment) -> None:
    appointment.stand()
    db.flush()
    audit.record(db, None, "bookings.stands_again", appointment, appointment.client_id)
