"""What a client has typed and not sent: one draft a client, for nobody else's eyes, gone after two weeks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.forms import Bound
from portal.side_effects.forms import ReportForm
from portal.side_effects.models import ReportDraft, SideEffectReport

DAYS = 14
_PERSON: sa.Table = Person.__table__  # type: ignore[attr-defined]
_MOST_VALUES, _MOST_LETTERS, _MOST_WORDS = 40, 100, 20_000


def of(db: Session, client: Viewer) -> ReportDraft | None:
    """The client's own."""
    return db.exec(select(ReportDraft).where(ReportDraft.client_id == client.id)).first()


def told_since(db: Session, draft: ReportDraft) -> bool:
    """Whether the client has told how it is after they last wrote at the draft: then it may be so no more."""
    later = select(SideEffectReport.id).where(SideEffectReport.client_id == draft.client_id)
    return db.exec(later.where(SideEffectReport.reported_at > draft.updated_at)).first() is not None


def save(db: Session, client: Viewer, form: Bound[Any]) -> ReportDraft | None:
    """Keep what stands in the form, right or wrong; an empty form is no draft. The last save counts."""
    alone(db, client)
    draft, answers = of(db, client), _filled_in(form)
    if not answers:
        discard(db, client)
        return None
    draft = draft or ReportDraft(client_id=client.id)
    draft.answers, draft.updated_at = answers, clock.now()
    db.add(draft)
    db.flush()
    return draft


def discard(db: Session, client: Viewer) -> None:
    """Sent, or begun anew; fine when there is none."""
    db.exec(delete(ReportDraft).where(col(ReportDraft.client_id) == client.id))


def alone(db: Session, client: Viewer) -> None:
    """One change of this client's reports and draft at a time."""
    lock_row(db, _PERSON, client.id)


def sweep(db: Session) -> None:
    """The tick: what nobody went on with is forgotten."""
    db.exec(delete(ReportDraft).where(col(ReportDraft.updated_at) < clock.now() - timedelta(days=DAYS)))


def _filled_in(form: Bound[Any]) -> dict[str, list[str]]:
    """Only what the form asks, and never more than a person would type."""
    typed = {name: _bounded(name, form.raw_all(name)) for name in ReportForm.model_fields}
    return {name: values for name, values in typed.items() if values}


def _bounded(name: str, values: Sequence[str]) -> list[str]:
    most = _MOST_WORDS if name == "note" else _MOST_LETTERS
    return [value[:most] for value in dict.fromkeys(values) if value.strip()][:_MOST_VALUES]
