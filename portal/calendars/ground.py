"""What a sheet is drawn on: when people work, when they are away, when the clinic is shut. Always as few reads."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.availability.models import Closure, Opening, Resource, ResourceOutage, TimeOff, WorkingHours
from portal.availability.rules import ResourceKind, Span, Window, around, at_work, breaks

T = TypeVar("T", Opening, TimeOff, ResourceOutage, Closure)


class Away(NamedTuple):
    """A named stretch in which nothing takes place."""

    span: Span
    kind: str  # break, off, closed
    name: str


@dataclass(frozen=True, slots=True)
class Ground:
    """By practitioner or room, where there is anything to say; `closed` is about everybody."""

    windows: dict[UUID, list[Window]] = field(default_factory=dict)
    away: dict[UUID, list[Away]] = field(default_factory=dict)
    closed: list[tuple[Away, UUID | None]] = field(default_factory=list)

    def away_of(self, who: UUID | None) -> list[Away]:
        """What stands on one lane: its own, and when the whole clinic or a place of its windows is shut."""
        at = {window.place_id for window in self.windows.get(who, [])} if who else set()
        return [
            *(self.away.get(who, []) if who else []),
            *(one for one, at_place in self.closed if at_place in {None, *at}),
        ]

    def open_for(self, who: UUID | None) -> list[Span]:
        """When one practitioner works; without one (a room, nobody): when anybody does."""
        found = self.windows.get(who) if who else None
        every = [one for windows in self.windows.values() for one in windows]
        return _merged([Span(one.start, one.end) for one in (every if found is None else found)])


def ground(db: Session, days: Sequence[date], zone: ZoneInfo, people: Collection[UUID]) -> Ground:
    """The ground of some days for these practitioners and every room."""
    span = around(days, zone)
    week, once = defaultdict(list), defaultdict(list)
    for row in db.exec(select(WorkingHours).where(col(WorkingHours.practitioner_id).in_(people))):
        week[row.practitioner_id].append(row.hours)
    for opening in db.exec(_touching(Opening, span)):
        once[opening.practitioner_id].append(Window(opening.starts_at, opening.ends_at, opening.place_id))
    away: dict[UUID, list[Away]] = defaultdict(list)
    for off in db.exec(_touching(TimeOff, span)):
        away[off.practitioner_id].append(Away(off.span, "off", "Away"))
    for out in db.exec(_touching(ResourceOutage, span)):
        away[out.resource_id].append(Away(Span(out.starts_at, out.ends_at), "off", out.reason or "Out of order"))
    for person in people:
        away[person] += [Away(pause, "break", "Break") for day in days for pause in breaks(week[person], day, zone)]
    windows = {person: at_work(week[person], once[person], days, zone) for person in people}
    closed = [(Away(one.span, "closed", one.name), one.place_id) for one in db.exec(_touching(Closure, span))]
    return Ground(windows, away, closed)


def rooms(db: Session) -> Sequence[Resource]:
    """Rooms in use, by name."""
    wanted = select(Resource).where(Resource.kind == ResourceKind.ROOM, col(Resource.is_active))
    return db.exec(wanted.order_by(col(Resource.name))).all()


def _touching(table: type[T], span: Span) -> SelectOfScalar[T]:
    return select(table).where(col(table.ends_at) > span.start, col(table.starts_at) < span.end)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for one in sorted(spans):
        if merged and one.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, one.end))
        else:
            merged.append(one)
    return merged
