"""What a clinic's own uneventful cases say about its recovery bands. Proposals only: a person publishes them. Pure.

A case is one treatment session whose reports ended well and are closed. Of each case the strongest value told while a
row of a band lasted counts. A row moves only when enough cases spoke about it, one step at a time, never beyond the
hard limits, and never so that the band rises with time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from portal.side_effects.bands import Band, Limit, Row, limit_at, problems
from portal.side_effects.conditions import Earlier
from portal.side_effects.rules import Level, Outcome

ENOUGH = 40  # cases that spoke about a row; below, one odd case in twenty could not be told from chance
SHARE = 0.95  # of them must lie at or below a row's highest value
_UNEVENTFUL = frozenset({Outcome.RESOLVED, Outcome.NOT_RELATED})


@dataclass(frozen=True, slots=True)
class Told:
    """One report of a case, as far as learning may look: how strong, how it was judged, how it was closed."""

    strengths: Earlier
    level: Level
    outcome: Outcome | None = None
    needed_person: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """One row of a band beside the clinic's cases: `n` spoke about it, `highest` is what they would make of it."""

    symptom: str
    start: float
    row: Row
    n: int
    within: int
    highest: int

    @property
    def is_change(self) -> bool:
        return self.highest != self.row.highest


def is_uneventful(reports: Sequence[Told]) -> bool:
    """Whether a case may teach: nothing urgent, all that needed a person is closed, and it went away by itself."""
    return bool(reports) and all(
        one.level is not Level.URGENT and (one.outcome in _UNEVENTFUL if one.needed_person else one.outcome is None)
        for one in reports
    )


def learn(band: Band, limits: Sequence[Limit], cases: Iterable[Sequence[Told]]) -> tuple[Proposal, ...]:
    """What the uneventful cases say about each row of a band, in order of time."""
    courses = [case for case in cases if is_uneventful(case)]
    starts = [0.0, *(row.until for row in band.rows[:-1])]
    found = [_proposal(band, start, row, limits, courses) for start, row in zip(starts, band.rows, strict=True)]
    return tuple(_falling(found))


def learned(band: Band, limits: Sequence[Limit], proposals: Sequence[Proposal]) -> Band:
    """The band with the proposals in it; the band itself where they would break a limit."""
    rows = tuple(
        replace(row, highest=one.highest, usual=min(row.usual, one.highest))
        for row, one in zip(band.rows, proposals, strict=True)
    )
    made = Band(band.symptom, rows)
    return band if problems(made, limits) else made


def _proposal(
    band: Band, start: float, row: Row, limits: Sequence[Limit], courses: Iterable[Sequence[Told]]
) -> Proposal:
    values = sorted(value for course in courses if (value := _strongest(band, row, course)) is not None)
    within = sum(value <= row.highest for value in values)
    highest = row.highest
    if len(values) >= ENOUGH:
        wanted = values[-(-len(values) * int(SHARE * 100) // 100) - 1]  # the value that SHARE of them do not exceed
        highest = _held(row, row.highest + _sign(wanted - row.highest), start, limits)
    return Proposal(band.symptom, start, row, len(values), within, highest)


def _strongest(band: Band, row: Row, course: Iterable[Told]) -> int | None:
    """The strongest told while the row lasted; None when nothing was. An unknown hour teaches nothing."""
    told = [
        getattr(one.strengths, band.symptom)
        for one in course
        if one.strengths.hours is not None
        and band.symptom not in one.strengths.unsure
        and band.expected(one.strengths.hours) is row
    ]
    return max(told, default=None)


def _held(row: Row, wanted: int, start: float, limits: Sequence[Limit]) -> int:
    """Within every hard limit that holds while the row lasts."""
    moments = [start, *(one.until for one in limits if one.until > start and row.covers(one.until))]
    held = [limit_at(limits, at) for at in moments]
    return max(min(wanted, *(one.highest for one in held)), *(one.lowest for one in held))


def _falling(found: Sequence[Proposal]) -> Iterable[Proposal]:
    """A band never rises: what a later row may be, the one before it says."""
    most = None
    for one in found:
        highest = one.highest if most is None else min(one.highest, most)
        yield replace(one, highest=highest)
        most = highest


def _sign(difference: int) -> int:
    return (difference > 0) - (difference < 0)
