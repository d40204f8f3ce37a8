"""Versions of the triage table for tests, published through the services."""

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.side_effects.models import TriageTable
from portal.triage import queries, service

# On the second day: without this edit mild redness is expected, with it watched.
STRICTER = (
    "{ until = 48, usual = 2, highest = 2, source",
    "{ until = 48, usual = 1, highest = 2, source",
)


def a_draft(db: Session, admin: Viewer, *edits: tuple[str, str]) -> queries.Prepared:
    """The next version with each text exchanged for another, once."""
    text = queries.prepared(db).text
    for before, after in edits:
        assert before in text
        text = text.replace(before, after, 1)
    problems = service.keep_text(db, admin, text, queries.prepared(db).mark)
    assert not problems, problems
    return queries.prepared(db)


def a_version(db: Session, admin: Viewer, *edits: tuple[str, str], why: str = "Stricter on day two.") -> TriageTable:
    """Publish it; without an edit, the shipped table as the clinic's own."""
    if edits:
        a_draft(db, admin, *edits)
    return service.publish(db, admin, queries.prepared(db).mark, why)
