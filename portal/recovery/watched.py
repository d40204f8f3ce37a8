"""All clients in recovery at once, worst first, read for practitioners in a constant number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.bookings.models import Appointment
from portal.bookings.rules import State
from portal.checkins import queries as checkins
from portal.checkins.queries import Silence
from portal.kit.clock import EVER
from portal.kit.paging import Page
from portal.recovery import rules
from portal.recovery.queries import ALWAYS
from portal.recovery.rules import Rank
from portal.side_effects import drawn, running
from portal.side_effects import queries as side_effects
from portal.side_effects.drawn import Drawn, hours_since
from portal.side_effects.models import SideEffectReport
from portal.side_effects.plots import Place
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind

CARDS = 24  # on a page
_MOST_OPEN = 1000
_Reports = Sequence[SideEffectReport]


@dataclass(frozen=True, slots=True)
class Standing:
    """One client in recovery. `ended_at`: their last session, None when none is known; `waiting`: reports that wait for
    a person, of whatever session; `reports`: of this session, the oldest first.
    """

    client_id: UUID
    ended_at: datetime | None
    at: datetime
    waiting: _Reports
    reports: _Reports
    drawings: Sequence[Drawn]

    @property
    def day(self) -> int | None:
        """1 is the first 24 hours."""
        return rules.days_since(self.ended_at, self.at) + 1 if self.ended_at else None

    @property
    def newest(self) -> SideEffectReport | None:
        return self.reports[-1] if self.reports else None

    @property
    def report(self) -> SideEffectReport | None:
        """What the badge is about: the worst that waits, else the newest."""
        return max(self.waiting, key=lambda one: (one.level.rank, one.reported_at), default=self.newest)

    @property
    def rank(self) -> Rank:
        newest, levels = self.newest, [one.level for one in self.waiting]
        is_above = any(_latest_place(one) is Place.ABOVE for one in self.drawings)
        return rules.rank(levels, newest.level if newest else None, is_above=is_above)

    @property
    def strongest(self) -> Drawn | None:
        """The symptom that now lies furthest out of its band, then the strongest; without a session none is drawn."""
        return max(self.drawings, key=_strength, default=None)


@dataclass(frozen=True, slots=True)
class Card:
    """A client in recovery, by name; `silence`: questions they did not answer and nobody has settled."""

    name: str
    standing: Standing
    silence: Silence | None


def clients(db: Session, viewer: Viewer, at: datetime, after: UUID | None = None) -> Page[Card]:
    """Worst first, then the newest session; `after`: the last client of the page before. For practitioners only."""
    if not viewer.is_practitioner:
        return Page([], None)
    everybody = in_order(_standings(db, viewer, at))
    ids = [one.client_id for one in everybody]
    start = ids.index(after) + 1 if after in ids else 0
    shown, rest = everybody[start : start + CARDS], everybody[start + CARDS :]
    names = accounts.names(db, [one.client_id for one in shown])
    silent = {one.client_id: one for one in checkins.silent(db, viewer)}
    cards = [Card(names[one.client_id], one, silent.get(one.client_id)) for one in shown]
    return Page(cards, str(shown[-1].client_id) if rest else None)


def in_order(standings: Iterable[Standing]) -> list[Standing]:
    """Open urgent, open within a day, watched, above a band, the others; among equals the newest session first."""
    newest_first = sorted(standings, key=lambda one: one.ended_at or EVER, reverse=True)
    return sorted(newest_first, key=lambda one: one.rank)


def _standings(db: Session, viewer: Viewer, at: datetime) -> list[Standing]:
    """Everybody with a session lately, or with a report that waits for a person."""
    waiting = _by_client(side_effects.open_reports(db, viewer, _MOST_OPEN))
    last = {one: (reports[0].followed_at, reports[0].appointment_id) for one, reports in waiting.items()}
    last.update(_lately(db, at))
    since = min((moment for moment, _ in last.values() if moment), default=at)
    told = _by_client(side_effects.reports_since(db, viewer, last.keys(), since))
    table = running.table(db)
    found = []
    for client_id, (ended_at, visit) in last.items():
        reports = [one for one in told[client_id] if _is_of(one, ended_at, visit)]
        hours = hours_since(ended_at, at) if ended_at else None
        drawings = drawn.of_session(table, reports, ALWAYS, hours) if ended_at else ()
        found.append(Standing(client_id, ended_at, at, waiting[client_id], reports, drawings))
    return found


def _is_of(one: SideEffectReport, ended_at: datetime | None, visit: UUID | None) -> bool:
    """Whether it was told after this session, also before anybody had said that the session took place."""
    return ended_at is not None and (one.followed_at == ended_at or (visit is not None and one.appointment_id == visit))


def _lately(db: Session, at: datetime) -> dict[UUID, tuple[datetime | None, UUID | None]]:
    """When the last session of each client ended, if that is not longer ago than recovery lasts, and which it was."""
    wanted = (
        select(Appointment.client_id, Appointment.ends_at, Appointment.id)
        .join(Treatment, col(Treatment.id) == col(Appointment.treatment_id))
        .where(Treatment.kind == Kind.SESSION, Appointment.state == State.ATTENDED)
        .where(Appointment.ends_at > at - rules.IN_RECOVERY)
    )
    return {one: (ended_at, visit) for one, ended_at, visit in db.exec(wanted.order_by(col(Appointment.ends_at)))}


def _by_client(reports: _Reports) -> defaultdict[UUID, list[SideEffectReport]]:
    found: defaultdict[UUID, list[SideEffectReport]] = defaultdict(list)
    for one in reports:
        found[one.client_id].append(one)
    return found


def _latest_place(one: Drawn) -> Place | None:
    spot = one.course.latest
    return spot.place if spot else None


def _strength(one: Drawn) -> tuple[int, float]:
    """Higher in the drawing is a smaller y."""
    spot = one.course.latest
    return (spot.place.rank, -spot.y) if spot and spot.place else (-1, -101.0)
