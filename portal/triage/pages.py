"""What several pages of the table need."""

from typing import Any

from portal.kit.errors import Refused
from portal.side_effects import words
from portal.side_effects.layout import Table
from portal.side_effects.limits import HARD
from portal.side_effects.rules import Level
from portal.triage.queries import Prepared
from portal.triage.service import TEXT_PAGE


def in_words(shown: Table) -> dict[str, Any]:
    """A table as its pages show it: the most urgent rules first."""
    levels = [(level, [one for one in shown.rules if one.level is level]) for level in reversed(Level)]
    return {"table": shown, "levels": levels, "words": words, "never": HARD.levels}


def drafted_table(prepared: Prepared) -> Table:
    """The draft as a table. It was sound when it was kept; a newer portal may ask more of it. Raises Refused."""
    if (drafted := prepared.candidate.table) is None:
        raise Refused("This draft no longer stands up to the checks.", ("Change its text", TEXT_PAGE))
    return drafted
