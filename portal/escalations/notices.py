"""What people are told at a step. The notice in the portal says whom it is about; an e-mail says only to look."""

from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.escalations.models import Escalation
from portal.notifications import service as notifications
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level

PAGE = "/escalations"
URGENT_SUBJECT = "The portal needs you now"
_FIRST = {
    Level.URGENT: "{name} reported something urgent and was told to call for help.",
    Level.DAY: "{name} reported a side effect. We promised an answer within a day.",
}
_ASKS = "{name} asks for a person about a side effect. We promised an answer within a day."
_TASK = "{name} reported something that needs no hurry, but a look within {days} days."
_AGAIN = "Nobody has it yet: {name} reported {what}."
_LEFT = "Still open: {name} reported {what}. Who had it has written nothing down."
_WHAT = {Level.URGENT: "something urgent", Level.DAY: "a side effect, and waits for an answer"}


def tell(db: Session, row: Escalation, person_id: UUID, *, days: int, by_mail: bool) -> None:
    """Tell one person at the row's present step; the mail leads to the list, whose address says nothing of health."""
    key, text = f"escalations:{row.id}:{row.step}", _text(db, row, days)
    notifications.tell(db, person_id, key, text, f"/side-effects/{row.report_id}", by_mail=None)
    if by_mail:
        subject = URGENT_SUBJECT if row.level is Level.URGENT else notifications.SUBJECT
        notifications.write(db, person_id, subject, PAGE)


def _text(db: Session, row: Escalation, days: int) -> str:
    words = {"name": accounts.person(db, row.client_id).name, "days": days}
    words["what"] = _WHAT.get(row.level, "something that a person should look at")
    if row.acknowledged_by_id:
        return _LEFT.format(**words)
    if row.step > row.first_step:
        return _AGAIN.format(**words)
    asks = row.level is Level.DAY and db.get_one(SideEffectReport, row.report_id).asks_for_person
    return (_ASKS if asks else _FIRST.get(row.level, _TASK)).format(**words)
