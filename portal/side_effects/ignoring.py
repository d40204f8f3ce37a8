"""Whether a table lets something slip that must never be ignored: asked of the table itself, at every hour it knows.

An answer changes with time only at an hour that the table names. So each report of the hard limits is asked about at
each of these, just before and just after it, and at an unknown hour: what stands at all of them stands at any.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from portal.side_effects import conditions
from portal.side_effects.bands import ENDLESS
from portal.side_effects.conditions import Condition
from portal.side_effects.layout import Table
from portal.side_effects.limits import HARD, Never
from portal.side_effects.rules import Rule, fires

MOST_HOURS = 100  # more would take too long to ask about
_TIMES = ("after_h", "from_h", "gap_h")


def ignored(table: Table) -> Iterator[tuple[str, str]]:
    """What an edit has taken the meaning out of, as (rule, reason); one reason for each report."""
    named = hours_named(table)
    for one in HARD.never:
        rules = sorted(
            (rule for rule in table.rules if rule.level.rank >= one.level.rank), key=lambda rule: rule.id != one.rule
        )
        for at in _moments(one, named):
            if not _comes_out(one, at, rules, table):
                when = "at an unknown hour" if at is None else f"around hour {at:g}"
                level = table.triage(one.at(at), one.history).level
                yield f"rule {one.rule}", f"{one.said} must come out as {one.level} {when}, not {level}"
                break


def hours_named(table: Table) -> frozenset[float]:
    """Every hour that a band or a condition of the table names."""
    within = (float(row.until) for band in table.bands.values() for row in band.rows if row.until != ENDLESS)
    return frozenset(within) | {hour for rule in table.rules for hour, _ in times(rule)}


def times(rule: Rule) -> list[tuple[float, str]]:
    """The conditions of a rule on time, as (hour, how it is compared)."""
    return [time for condition in (*rule.any, *rule.all) for time in _times(condition)]


def _times(condition: Condition) -> Iterable[tuple[float, str]]:
    if not isinstance(condition, Mapping):
        name, *rest = condition.split()
        return [(float(rest[1]), rest[0])] if name == "hours" else []
    parts = [time for name in ("any", "all") for part in condition.get(name, ()) for time in _times(part)]
    return parts + [(float(condition[name]), ">=") for name in _TIMES if name in condition]


def _moments(one: Never, named: frozenset[float]) -> Iterator[float | None]:
    """From the first hour on; a gap counts from each earlier report, too."""
    later = {hour + (before.hours or 0.0) for before in one.history for hour in named}
    for hour in sorted({one.since, *named, *later}):
        around = (math.nextafter(hour, -math.inf), hour, math.nextafter(hour, math.inf))
        yield from (at for at in around if at >= one.since)
    yield None


def _comes_out(one: Never, hours: float | None, rules: Sequence[Rule], table: Table) -> bool:
    of = conditions.case(one.history, one.at(hours), table.bands)
    return any(fires(rule, of) for rule in rules)
