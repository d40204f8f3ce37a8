"""A client in recovery: check-ins pass as they do in life, one is answered, the others are not."""

from datetime import timedelta
from uuid import UUID

from portal.accounts.rules import Viewer
from portal.bookings.models import Appointment
from portal.checkins import queries, service, steps
from portal.checkins.forms import CheckInForm
from portal.checkins.models import CheckIn
from portal.demo.stage import Stage
from portal.kit.forms import checked

_SOON = timedelta(minutes=1)
_FAINT = {"flags_answer": "none", "feeling": "something", "redness": "faint", "trend": "same"}


def check_ins(stage: Stage, client: Viewer, visit: Appointment) -> None:
    """Ask after a session as the minutes would have; the first question is answered a little after the reminder."""
    with stage.until(visit.ends_at + timedelta(minutes=20)):
        steps.plan(stage.db, visit.id)
    first = queries.unsettled(stage.db, client.id)[0]
    if first.next_at == first.due_at:  # else the evening was quiet by then: the question stands on the home page
        _one_step(stage, first)
    with stage.until(first.due_at + timedelta(minutes=25)):
        service.answer(stage.db, client, first, checked(CheckInForm, **_FAINT).value)
    while row := _next(stage, client.id):
        _one_step(stage, row)


def _next(stage: Stage, client_id: UUID) -> CheckIn | None:
    """What was to be done first, and should have been by now."""
    rows = [row for row in queries.unsettled(stage.db, client_id) if row.next_at and row.next_at + _SOON <= stage.now]
    return min(rows, key=lambda row: row.next_at or stage.now, default=None)


def _one_step(stage: Stage, row: CheckIn) -> None:
    assert row.next_at  # noqa: S101 - `_next` gives no other
    with stage.until(row.next_at + _SOON):
        steps.advance(stage.db, row.id)
