"""`python -m tests.gate.table`: write which fact is tested on which path into docs/clinical-rules.md."""

from tests.gate.facts import FACTS
from tests.gate.paths import PATHS
from tests.test_docs import DOCS

DOC = DOCS / "clinical-rules.md"
BEFORE, AFTER = "<!-- gate table: begin -->", "<!-- gate table: end -->"


def table() -> str:
    """One row a fact, one column a path; the last column is what was booked before the fact was known."""
    columns = [*PATHS, "booked before"]
    rows = [["fact", *columns], ["---"] * (len(columns) + 1)]
    rows += [[fact, *["refused"] * len(PATHS), "on hold"] for fact in FACTS]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Replace what stands between the two marks."""
    text = DOC.read_text()
    head, tail = text.partition(BEFORE)[0], text.partition(AFTER)[2]
    DOC.write_text(f"{head}{BEFORE}\n{table()}\n{AFTER}{tail}")


if __name__ == "__main__":
    main()
