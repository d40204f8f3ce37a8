"""When the clinic is open: while somebody is at work. Pure, over the calendar that availability hands out."""

from uuid import UUID

from portal.availability.rules import Span
from portal.availability.slots import Calendar, Worker
from portal.escalations.rules import joined, without


def at_work(calendar: Calendar) -> dict[UUID, list[Span]]:
    """The time of each practitioner at work: without breaks, leave, and what is closed where they would be."""
    return {worker.id: _spans(calendar, worker) for worker in calendar.workers}


def open_hours(calendar: Calendar) -> list[Span]:
    """The time in which at least one practitioner is at work, in order."""
    return joined([span for spans in at_work(calendar).values() for span in spans])


def _spans(calendar: Calendar, worker: Worker) -> list[Span]:
    found: list[Span] = []
    for window in worker.windows:
        closed = [Span(one.start, one.end) for one in calendar.closed if one.place_id in {None, window.place_id}]
        found += without(Span(window.start, window.end), [*worker.away, *closed])
    return joined(found)
