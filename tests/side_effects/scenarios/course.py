"""Courses as data, and what the rules make of them by the way a real report goes: form, facts, triage.

A report is one line: `at` hours after its session (or "unknown"), `session` (1 unless said), `began` hours after the
session, the answers of the form as they are posted, and what must come out: `least`, `most`, `person`, `fires`, `says`.
A symptom that has a strength, a fluid or a rash is ticked. “None of these” and “the same” are the answers unless said.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from portal.kit.forms import checked
from portal.side_effects.conditions import SCALES, Earlier, Facts
from portal.side_effects.facts import facts_of
from portal.side_effects.forms import ReportForm
from portal.side_effects.kept import earlier, plain
from portal.side_effects.layout import Table
from portal.side_effects.rules import Level, Triage
from portal.side_effects.table import RUNNING

FOLDER = Path(__file__).parent
ABOUT = ("at", "session", "began", "least", "most", "person", "fires", "says")


@dataclass(frozen=True)
class Report:
    """One report of a course, and what must come out."""

    said: Mapping[str, Any]
    at: float | None
    number: int = 1
    began: float | None = None
    least: Level = Level.EXPECTED
    most: Level = Level.URGENT
    person: bool = False
    fires: Sequence[str] = ()
    says: Sequence[str] = ()


@dataclass(frozen=True)
class Course:
    """All reports of one client."""

    kind: str
    name: str
    why: str
    source: Sequence[str]
    reports: Sequence[Report]
    ordinary: bool = False
    risks: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def told(self) -> list[tuple[Report, Facts, tuple[Earlier, ...]]]:
        """The reports in the order they come; each knows the earlier ones after the same session, as they are kept."""
        told, before = [], {}
        for report in self.reports:
            form = _form(report.said)
            facts = facts_of(form, RUNNING, hours=report.at, risks=self.risks, began_hours=report.began)
            history = before.get(report.number, ())
            told.append((report, facts, history))
            before[report.number] = (*history, earlier(report.at, plain(facts, history)))
        return told

    @property
    def must_escalate(self) -> bool:
        return any(report.least.is_alarm or report.person for report in self.reports)


@dataclass(frozen=True)
class Judged:
    """A report with its facts and its answer."""

    report: Report
    facts: Facts
    found: Triage


def library() -> list[Course]:
    """Every course of every file."""
    return [course for path in sorted(FOLDER.glob("*.toml")) for course in _read(path)]


def run(course: Course, table: Table = RUNNING) -> list[Judged]:
    """What a table with the running words makes of the reports."""
    return [Judged(report, facts, table.triage(facts, history)) for report, facts, history in course.told]


def missed(judged: Judged) -> list[str]:
    """What did not come out as it must."""
    report, found = judged.report, judged.found
    fired = {rule.id for rule in found.fired}
    wrong = []
    if not report.least.rank <= found.level.rank <= report.most.rank:
        wrong.append(f"{found.level}, not {report.least} to {report.most} ({', '.join(sorted(fired)) or 'no rule'})")
    if report.person and not found.needs_person:
        wrong.append("no person looks")
    wrong += [f"{rule} did not fire" for rule in report.fires if rule not in fired]
    return wrong + [f"does not say {say}" for say in report.says if say not in found.advice]


def alarms_by_threshold(facts: Facts) -> bool:
    """The baseline: fixed thresholds that know neither time nor course."""
    return facts.redness >= 2 or facts.pain >= 4 or facts.swelling >= 1


def _read(path: Path) -> Iterable[Course]:
    data = tomllib.loads(path.read_text("utf-8"))
    for row in data["course"]:
        most = row.get("most", data.get("most", "urgent"))
        yield Course(
            kind=path.stem.replace("_", " "),
            name=row["name"],
            why=row["why"],
            source=row.get("source", data["source"]),
            reports=[_report({"most": most, **report}) for report in row["reports"]],
            ordinary=row.get("ordinary", data.get("ordinary", False)),
            risks=frozenset(row.get("risks", ())),
        )


def _report(row: Mapping[str, Any]) -> Report:
    return Report(
        said={name: value for name, value in row.items() if name not in ABOUT},
        at=None if row["at"] == "unknown" else float(row["at"]),
        number=row.get("session", 1),
        began=row.get("began"),
        least=Level(row.get("least", "expected")),
        most=Level(row["most"]),
        person=row.get("person", False),
        fires=row.get("fires", ()),
        says=row.get("says", ()),
    )


def _form(said: Mapping[str, Any]) -> ReportForm:
    ticked = [name for name in (*SCALES, "discharge", "rash") if name in said]
    ticked += ["other"] if "late" in said and not ticked else []
    known: dict[str, Any] = {"symptoms": ticked, "trend": "same", **said}
    if "flags" not in said:
        known.setdefault("flags_answer", "none")
    if set(said) <= {"flags"}:
        known = dict(said)
    form = checked(ReportForm, **known)
    assert form.ok, (said, form.errors)
    return form.value
