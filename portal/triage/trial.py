"""The dry run: kept reports judged again by the table in force and by a candidate. Pure; it changes no report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.side_effects import kept
from portal.side_effects.conditions import Facts
from portal.side_effects.layout import Table
from portal.side_effects.rules import Level, Triage

_FACTS = frozenset(one.name for one in fields(Facts))
_ASKS = "wants_person"


@dataclass(frozen=True, slots=True)
class Given:
    """A kept report as far as the dry run looks. `asked`: the client asked for a person, then or afterwards."""

    report_id: UUID
    client_id: UUID
    reported_at: datetime
    hours: float | None
    version: str
    inputs: Mapping[str, Any]
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One report that would come out otherwise."""

    given: Given
    before: Level
    after: Level
    newly: tuple[str, ...]
    no_longer: tuple[str, ...]
    person_before: bool
    person_after: bool

    @property
    def is_level(self) -> bool:
        return self.before is not self.after

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """The gravest first: an alarm less, then an alarm more, then by how far."""
        lost = self.before.is_alarm and not self.after.is_alarm
        return not lost, self.before.is_alarm == self.after.is_alarm, -abs(self.after.rank - self.before.rank)


@dataclass(frozen=True, slots=True)
class Trial:
    """What the candidate would have made of `n` reports. `incomplete`: kept without a fact that is asked for today;
    `unreadable`: could not be judged again, and are not among the `n`.
    """

    n: int
    changes: tuple[Change, ...]
    incomplete: int
    unreadable: int
    older: int

    @property
    def in_words(self) -> str:
        """As in “Of 128 reports: 3 more alarms, 1 fewer; 0 more urgent, 1 fewer; 4 more watched, 0 fewer”."""
        reports = f"Of {self.n} report{'' if self.n == 1 else 's'}"
        if not self.changes:
            return f"{reports}: none would come out otherwise."
        alarms = self._moved("alarm", lambda level: level.is_alarm)
        urgent = self._moved("urgent", lambda level: level is Level.URGENT)
        watched = self._moved("watched", lambda level: level is Level.WATCH)
        return f"{reports}: {alarms}; {urgent}; {watched}."

    def _moved(self, what: str, counts: Any) -> str:
        more = sum(counts(one.after) and not counts(one.before) for one in self.changes)
        fewer = sum(counts(one.before) and not counts(one.after) for one in self.changes)
        plural = "s" if what == "alarm" and more != 1 else ""
        return f"{more} more {what}{plural}, {fewer} fewer"


def trial(reports: Iterable[Given], running: Table, wanted: Table) -> Trial:
    """Judge each report by both. The client's wish for a person counts whenever it was said."""
    changes, n, incomplete, unreadable, older = [], 0, 0, 0, 0
    for one in reports:
        judged = _judged(one, running, wanted)
        if judged is None:
            unreadable += 1
            continue
        n += 1
        incomplete += bool(_FACTS - one.inputs.keys())
        older += not running.version.startswith(one.version.partition(",")[0])
        if change := _change(one, *judged):
            changes.append(change)
    changes.sort(key=lambda one: one.weight)
    return Trial(n, tuple(changes), incomplete, unreadable, older)


def _judged(one: Given, running: Table, wanted: Table) -> tuple[Triage, Triage] | None:
    try:
        facts, history = kept.restored(one.inputs)
        facts = replace(facts, present=facts.present | {_ASKS}) if one.asked else facts
        return running.triage(facts, history), wanted.triage(facts, history)
    except (TypeError, ValueError, KeyError, AttributeError):  # kept by a portal that kept something else
        return None


def _change(one: Given, before: Triage, after: Triage) -> Change | None:
    old, new = ({rule.id for rule in found.fired} for found in (before, after))
    if old == new and before.level is after.level and before.needs_person == after.needs_person:
        return None
    newly, no_longer = tuple(sorted(new - old)), tuple(sorted(old - new))
    return Change(one, before.level, after.level, newly, no_longer, before.needs_person, after.needs_person)
