"""What docs/clinical-rules.md shows of the table and of the library of courses; a test fails when it is stale."""

from portal.side_effects import words
from portal.side_effects.limits import HARD
from portal.side_effects.rules import Level
from portal.side_effects.table import RUNNING
from tests.side_effects.scenarios.figures import tables
from tests.test_docs import DOCS

DOC = DOCS / "clinical-rules.md"


def parts() -> dict[str, str]:
    """Everything that is written from data, by the name in its marks."""
    return {"triage rules": rules(), "recovery bands": bands(), "scales": scales(), "scenarios": tables()}


def marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def write() -> None:
    """Replace what stands between the marks."""
    text = DOC.read_text("utf-8")
    for name, part in parts().items():
        begin, end = marks(name)
        text = f"{text.partition(begin)[0]}{begin}\n{part}\n{end}{text.partition(end)[2]}"
    DOC.write_text(text, "utf-8")


def rules() -> str:
    rows = [["Rule", "Level", "Why, as client and practitioner read it", "When", "Source", "Never below"], ["---"] * 6]
    for rule in RUNNING.rules:
        level = f"{rule.level}, a person looks" if rule.follow_up else str(rule.level)
        least = HARD.levels.get(rule.id, Level.EXPECTED)
        fixed = str(least) if rule.id in HARD.levels else ""
        rows.append([rule.id, level, rule.because, words.when(rule), ", ".join(rule.source), fixed])
    sources = "\n".join(f"- {name}: {text}" for name, text in RUNNING.sources.items())
    return f"{_table(rows)}\n\nSources:\n\n{sources}"


def bands() -> str:
    rows = [["Symptom", "Hours", "Usual, up to", "Still normal, up to", "Source"], ["---"] * 5]
    for band in RUNNING.bands.values():
        start = 0.0
        for row in band.rows:
            end = "…" if row.until < 0 else f"{row.until:g}"
            rows.append([band.symptom, f"{start:g} to {end}", f"{row.usual}", f"{row.highest}", ", ".join(row.source)])
            start = row.until
    limits = [["Symptom", "Hard limits of “still normal”, by hours (lowest to highest)"], ["---"] * 2]
    for name, some in HARD.bands.items():
        told = (f"{'later' if one.until < 0 else f'to {one.until:g} h'}: {one.lowest} to {one.highest}" for one in some)
        limits.append([name, "; ".join(told)])
    return f"{_table(rows)}\n\n{_table(limits)}"


def scales() -> str:
    rows = [["Symptom", "faint", "mild", "marked", "severe"], ["---"] * 5]
    rows += [[name, *(f"{step.value}" for step in steps)] for name, steps in RUNNING.scales.items()]
    return _table(rows)


def _table(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
