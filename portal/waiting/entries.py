"""Join the waiting list, change one's mind, leave it; and what ends waiting by itself."""

from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.errors import Refused
from portal.treatments import queries as treatments
from portal.waiting import notices, queries, service
from portal.waiting.forms import WaitForm
from portal.waiting.models import WaitingEntry
from portal.waiting.rules import CELLS, EndReason

_PERSON = Person.__table__  # type: ignore[attr-defined]


def join(db: Session, actor: Viewer, client_id: UUID, form: WaitForm) -> WaitingEntry:
    """Wait for a treatment. Who waits for it already has their wishes changed and keeps their place. The gate is not
    asked: anyone may wait; it is asked before anything is offered.
    """
    client = accounts.client(db, actor, client_id)
    if not client.is_active:
        raise Refused("This account is closed, so nobody can be put on the list for it.")
    treatment = treatments.by_slug(db, form.treatment)
    lock_row(db, _PERSON, client_id)
    entry = queries.entry_for(db, client_id, treatment.id)
    is_new = entry is None
    if entry is None:
        entry = WaitingEntry(client_id=client_id, treatment_id=treatment.id)
    entry.grid = [cell for cell in CELLS if cell in form.cells]
    known = {one.id for one in accounts.practitioners(db)}
    entry.practitioner_ids = [str(one) for one in dict.fromkeys(form.practitioners) if one in known]
    entry.not_before, entry.not_after = form.not_before, form.not_after
    swap = next((one for one in queries.swaps(db, client_id, treatment.id) if one.id == form.swap), None)
    entry.swaps_appointment_id, entry.swaps_starts_at = (swap.id, swap.starts_at) if swap else (None, None)
    db.add(entry)
    db.flush()
    audit.record(db, actor, "waiting.joined" if is_new else "waiting.changed", entry, client_id)
    return entry


def leave(db: Session, actor: Viewer, entry: WaitingEntry) -> None:
    """Wait no longer; what is offered meanwhile goes on to the next. Leaving twice is leaving once."""
    end(db, actor, entry, EndReason.LEFT if actor.id == entry.client_id else EndReason.REMOVED)


def end(db: Session, actor: Viewer | None, entry: WaitingEntry, reason: EndReason) -> None:
    """End an entry, whoever or whatever ends it, and withdraw what is offered to it."""
    lock_row(db, _PERSON, entry.client_id)
    db.refresh(entry)
    if not entry.is_living:
        return
    for offer in queries.open_offers(db, [entry.id]):
        service.withdraw(db, offer)
    entry.ended_at, entry.end_reason = clock.now(), reason
    db.flush()
    audit.record(db, actor, f"waiting.{reason}", entry, entry.client_id)
    notices.ended(db, entry)


def tick(db: Session) -> None:
    """Once a minute: end what need not wait, take back what the gate no longer allows, have the rest done by a job."""
    over, shut = queries.to_end(db), service.shut_offers(db)
    for client_id in sorted({one.client_id for one, _ in over} | {one.client_id for one in shut}):
        lock_row(db, _PERSON, client_id)  # every client first: who books has their client, then waits for time
    for entry, reason in over:
        end(db, None, entry, reason)
    for offer in shut:
        service.withdraw_shut(db, offer)
    at = clock.now()
    if queries.expired(db, at) or (queries.pending(db, at) and not queries.quiet(db).holds(at)):
        service.go_on(db, f"{at:%Y%m%d%H%M}")
