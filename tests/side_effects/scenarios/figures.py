"""Figures over the library of courses: how many must escalate and do, and how many ordinary ones raise an alarm."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.side_effects.scenarios.course import Course, Judged, alarms_by_threshold, library, missed, run


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    some: int
    all: int

    @property
    def value(self) -> float:
        return self.some / self.all if self.all else 0.0

    def __str__(self) -> str:
        return f"{self.some} of {self.all} ({self.value:.1%})"


@dataclass(frozen=True)
class Figures:
    """What the rules make of the library."""

    judged: Sequence[tuple[Course, Sequence[Judged]]]

    @property
    def ordinary(self) -> list[Sequence[Judged]]:
        return [reports for course, reports in self.judged if course.ordinary]

    @property
    def recall(self) -> Share:
        """Reports that must reach a person, or be watched, and do."""
        must = [one for _, reports in self.judged for one in reports if one.report.least.rank or one.report.person]
        return Share(sum(not missed(one) for one in must), len(must))

    @property
    def alarms(self) -> tuple[Share, Share]:
        """Ordinary reports, and ordinary courses, that raise an alarm."""
        return self._ordinary(lambda one: one.found.level.is_alarm)

    @property
    def baseline(self) -> tuple[Share, Share]:
        """The same by fixed thresholds."""
        return self._ordinary(lambda one: alarms_by_threshold(one.facts))

    @property
    def watched(self) -> tuple[Share, Share]:
        """Ordinary reports and courses that are asked again."""
        return self._ordinary(lambda one: one.found.level == "watch")

    @property
    def looked_at(self) -> tuple[Share, Share]:
        """Ordinary reports and courses that a person sees within seven days."""
        return self._ordinary(lambda one: one.found.follow_up)

    def _ordinary(self, counts) -> tuple[Share, Share]:
        courses = self.ordinary
        reports = [one for reports in courses for one in reports]
        some = sum(any(counts(one) for one in reports) for reports in courses)
        return Share(sum(map(counts, reports)), len(reports)), Share(some, len(courses))


def figures() -> Figures:
    """Over the whole library, by the running table."""
    return Figures([(course, run(course)) for course in library()])


def tables() -> str:
    """Two tables in Markdown: the courses by kind, and the alarms beside the baseline."""
    found = figures()
    kinds: dict[str, list[tuple[Course, Sequence[Judged]]]] = {}
    for course, reports in found.judged:
        kinds.setdefault(course.kind, []).append((course, reports))
    rows = [["kind", "courses", "reports", "must reach a person", "came out as they must"], ["---"] * 5]
    rows += [_kind(kind, some) for kind, some in kinds.items()]
    rows.append(_kind("all", found.judged))
    return f"{_table(rows)}\n\n{_table(_shares(found))}"


def _kind(kind: str, some: Sequence[tuple[Course, Sequence[Judged]]]) -> list[str]:
    reports = [one for _, judged in some for one in judged]
    right = sum(not any(map(missed, judged)) for _, judged in some)
    return [kind, str(len(some)), str(len(reports)), str(sum(one.must_escalate for one, _ in some)), str(right)]


def _shares(found: Figures) -> list[list[str]]:
    rows = [["ordinary courses", "of reports", "of courses"], ["---"] * 3]
    for name, shares in (
        ("an alarm (day or urgent) by these rules", found.alarms),
        ("an alarm by fixed thresholds (redness ≥ 2, pain ≥ 4, any swelling)", found.baseline),
        ("watched: asked again the next day, no person needed", found.watched),
        ("a person looks within seven days, no alarm", found.looked_at),
    ):
        rows.append([name, *map(str, shares)])
    return rows


def _table(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
