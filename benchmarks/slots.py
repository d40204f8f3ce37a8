"""Free times over 90 days for ten practitioners with 20,000 appointments, beside the same with 200:
`python -m benchmarks.slots`.

All 20,000 lie inside the 90 days: ten people, ten rooms and ten devices, each with 22 of 30 places of a day taken. The
arithmetic is timed alone, then the whole search with its queries. CPU time, the best of several rounds in turns.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from portal.accounts.models import Person
from portal.availability import queries as availability
from portal.availability.models import Resource, ResourceFit, WorkingHours
from portal.availability.rules import Length, ResourceKind, Span, instant
from portal.availability.slots import Calendar
from portal.bookings import queries as bookings
from portal.bookings.models import TimeTaken
from portal.clinic.models import BookingPolicy
from portal.kit import clock
from portal.kit.db import make_engine, transaction
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind

GOAL: Final = 2.0
FEW, MANY, PEOPLE, DAYS, ROUNDS = 200, 20_000, 10, 90, 7
OPENS, CLOSES, PLACE = wall_time(8), wall_time(18), timedelta(minutes=20)
LENGTH: Final = Length(15, after=5)
Taken = dict[UUID, list[Span]]


def main() -> int:
    """Print both ratios; 1 when the goal is missed."""
    first = clock.now().date() + timedelta(days=1)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        clinics = {count: _clinic(Path(folder) / f"{count}.sqlite3", first, count) for count in (FEW, MANY)}
        alone = _in_turns({count: _arithmetic(engine, first) for count, engine in clinics.items()})
        whole = _in_turns({count: _search(engine, first) for count, engine in clinics.items()})
        statements = {count: _statements(engine, _search(engine, first)) for count, engine in clinics.items()}
    print(f"Free times over {DAYS} days for {PEOPLE} practitioners, rooms and devices, {FEW} and {MANY} appointments:")
    for name, seconds in (("arithmetic", alone), ("whole search", whole)):
        ratio = seconds[MANY] / seconds[FEW]
        print(f"  {name}: {1000 * seconds[FEW]:.0f} ms and {1000 * seconds[MANY]:.0f} ms, ratio {ratio:.2f}")
    print(f"  queries of the whole search: {statements[FEW]} and {statements[MANY]}")
    met = whole[MANY] / whole[FEW] <= GOAL and statements[FEW] == statements[MANY]
    print(f"  goal ratio {GOAL:.0f}, as many queries: {'met' if met else 'MISSED'}")
    return 0 if met else 1


def _in_turns(acts: dict[int, Callable[[], object]]) -> dict[int, float]:
    best = dict.fromkeys(acts, float("inf"))
    for _ in range(ROUNDS):
        for count, act in acts.items():
            before = time.process_time()
            act()
            best[count] = min(best[count], time.process_time() - before)
    return best


def _arithmetic(engine: sa.Engine, first: date) -> Callable[[], object]:
    with transaction(engine, write=False) as db:
        calendar = availability.calendar(db, _treatment(db), first, DAYS)
        wanted = sa.select(col(TimeTaken.subject_id), col(TimeTaken.starts_at), col(TimeTaken.ends_at))
        rows = db.connection().execute(wanted)
        taken: Taken = {subject: [] for subject in calendar.subjects}
        for subject, start, end in rows:
            taken[subject].append(Span(start, end))
    return lambda: calendar.free(taken, [], LENGTH, _everything(calendar))


def _search(engine: sa.Engine, first: date) -> Callable[[], object]:
    def search() -> int:
        with transaction(engine, write=False) as db:
            found = bookings.slots(db, None, _treatment(db), first, DAYS)
        return sum(len(day.slots) for day in found)

    return search


def _statements(engine: sa.Engine, act: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    act()
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def _everything(calendar: Calendar) -> Span:
    return Span(calendar.around.start, calendar.around.end)


def _treatment(db: Session) -> Treatment:
    return db.get_one(Treatment, UUID(int=1))


def _clinic(path: Path, first: date, appointments: int) -> sa.Engine:
    engine = make_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    with transaction(engine) as db:
        db.add(Treatment(id=UUID(int=1), **_TREATMENT))
        db.add(BookingPolicy(horizon_days=366, step_minutes=10))
        people = [_practitioner(db, number) for number in range(PEOPLE)]
        things = [_thing(db, kind, number) for kind in ResourceKind for number in range(PEOPLE)]
        db.flush()
        db.connection().execute(sa.insert(TimeTaken), list(_taken(people, things, first, appointments)))
    return engine


def _practitioner(db: Session, number: int) -> UUID:
    person = Person(name=f"Practitioner {number}", email=f"p{number}@example.test", is_practitioner=True)
    db.add(person)
    db.flush()
    for weekday in range(7):
        db.add(WorkingHours(practitioner_id=person.id, weekday=weekday, opens=OPENS, closes=CLOSES))
    return person.id


def _thing(db: Session, kind: ResourceKind, number: int) -> UUID:
    thing = Resource(kind=kind, name=f"{kind} {number}")
    db.add(thing)
    db.flush()
    db.add(ResourceFit(resource_id=thing.id, treatment_id=UUID(int=1)))
    return thing.id


def _taken(people: list[UUID], things: list[UUID], first: date, appointments: int) -> Iterator[dict[str, Any]]:
    """Each appointment takes one practitioner, the room and the device of the same number; none overlap."""
    zone, random = ZoneInfo("Europe/Berlin"), Random(7)
    places = int((datetime.combine(first, CLOSES) - datetime.combine(first, OPENS)) / PLACE)
    every = [(day, number, place) for day in range(DAYS) for number in range(PEOPLE) for place in range(places)]
    for day, number, place in random.sample(every, appointments):
        start = instant(first + timedelta(days=day), OPENS, zone) + place * PLACE
        owner = uuid4()
        for subject in (people[number], things[number], things[PEOPLE + number]):
            stretch = {"subject_id": subject, "starts_at": start, "ends_at": start + PLACE}
            yield {"id": uuid4(), "owner_id": owner, "expires_at": None, **stretch}


_TREATMENT: Final[dict[str, Any]] = {
    "slug": "short",
    "name": "A short visit",
    "summary": "Fifteen minutes.",
    "kind": Kind.CONSULTATION,
    "minutes": LENGTH.minutes,
    "buffer_after": LENGTH.after,
    "needs_verdict": False,
    "needs_room": True,
    "needs_device": True,
}

if __name__ == "__main__":
    sys.exit(main())
