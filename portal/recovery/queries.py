"""One client's recovery after one session, read for that client."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col

from portal.accounts.rules import Viewer
from portal.bookings import queries as bookings
from portal.bookings.models import Appointment
from portal.bookings.queries import Visit
from portal.bookings.rules import State
from portal.checkins import queries as checkins
from portal.checkins.models import CheckIn
from portal.kit.errors import NotFound
from portal.recovery import rules
from portal.recovery.rules import Active, Expected
from portal.side_effects import drawn, running
from portal.side_effects import queries as side_effects
from portal.side_effects.drawn import Drawn, hours_since
from portal.side_effects.layout import Table
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level, Symptom

ALWAYS = (Symptom.REDNESS,)
"""Drawn even before anybody said a word about it: nearly everybody has it, and it says what to expect."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """One client after one session; `others`: all their other sessions. Newest first, reports too.
    `care`: what helps now; not `is_judged`: the clinic shows its clients no level, only fixed advice;
    `asked_next`: the question that is due or comes next, after the last session only.
    """

    visit: Visit
    others: Sequence[Visit]
    hours: float
    expected: Expected
    phases: Sequence[Active]
    drawings: Sequence[Drawn]
    reports: Sequence[SideEffectReport]
    care: Sequence[str]
    is_judged: bool
    asked_next: CheckIn | None = None

    @property
    def is_over(self) -> bool:
        """The session is longer ago than we watch for by ourselves."""
        return timedelta(hours=self.hours) > rules.IN_RECOVERY


def own(db: Session, client: Viewer, appointment_id: UUID | None, at: datetime) -> Recovery | None:
    """After the last session, or the one that is named; None before the first. Raises NotFound for a session that is
    not the client's own, or was not held.
    """
    wanted = bookings.session_rows(client.id).where(Appointment.state == State.ATTENDED)
    held = db.exec(wanted.order_by(col(Appointment.starts_at).desc())).all()
    if not held and appointment_id is None:
        return None
    visits = bookings.visits(db, held)
    chosen = next((one for one in visits if appointment_id in {None, one.appointment.id}), None)
    if chosen is None:
        raise NotFound("There is no such session.")
    reports = [
        one for one in side_effects.reports(db, client, client.id) if one.appointment_id == chosen.appointment.id
    ]
    reports.sort(key=lambda one: one.reported_at, reverse=True)
    others = [one for one in visits if one is not chosen]
    asked = checkins.present(db, client, client.id) if chosen is visits[0] else ()
    found = _recovery(running.table(db), chosen, others, reports, at, is_judged=running.shows_level(db))
    return replace(found, asked_next=next((one for one in asked if one.is_waiting), None))


def _recovery(
    table: Table,
    visit: Visit,
    others: Sequence[Visit],
    reports: Sequence[SideEffectReport],
    at: datetime,
    *,
    is_judged: bool,
) -> Recovery:
    ended_at = visit.appointment.ends_at
    hours = max(hours_since(ended_at, at), 0.0)
    return Recovery(
        visit=visit,
        others=others,
        hours=hours,
        expected=rules.expected(table.course, hours),
        phases=rules.phases(rules.days_since(ended_at, at)),
        drawings=drawn.of_session(table, reports, ALWAYS, hours, judged=is_judged),
        reports=reports,
        care=table.answers[Level.EXPECTED.value].todo,
        is_judged=is_judged,
    )
