"""Whether a text may become the running table, which name it gets, and what differs between two texts. Pure."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache

from portal.side_effects.layout import Table
from portal.side_effects.table import RUNNING, read

MOST_CHARACTERS = 100_000  # the shipped table has a third of it
MOST_COMPARED = 1500  # lines; the shipped table has half of it
_VERSION = re.compile(r"^[ \t]*version[ \t]*=.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text as a table, or every reason why it is none: “line 12, rule U08: its level must be urgent or above”."""

    text: str
    table: Table | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines that changed together: from which line on, how they were, how they are."""

    line: int
    before: tuple[str, ...]
    after: tuple[str, ...]


@lru_cache(maxsize=8)
def candidate(text: str) -> Candidate:
    """The text, judged by the checks of every table and by what only the portal itself may change."""
    if len(text) > MOST_CHARACTERS:
        return Candidate(text, None, (f"line 1, the whole text: it has more than {MOST_CHARACTERS} characters",))
    try:
        table = read(text)
    except ValueError as error:
        return Candidate(text, None, tuple(str(error).splitlines()))
    found = tuple(_fixed(text, table))
    return Candidate(text, None if found else table, found)


def mark_of(text: str) -> str:
    """Stands for a text: what was tried is what gets published."""
    return hashlib.sha256(text.encode()).hexdigest()


def label(number: int, day: date) -> str:
    """The name of a version: “clinic-3 of 2026-11-23”."""
    return f"clinic-{number} of {day:%Y-%m-%d}"


def named(text: str, version: str) -> str:
    """The text with another version in its first line that names one."""
    return _VERSION.sub(f'version = "{version}"', text, count=1)


def is_same(before: str, after: str) -> bool:
    """Whether two texts differ in nothing but their version."""
    return named(before, "") == named(after, "")


def differences(before: str, after: str) -> list[Difference]:
    """What changed from one text to another, in order; the line is that of the newer one.

    Where more than MOST_COMPARED lines lie between the first and the last change they are one change: comparing them
    line by line takes quadratic time.
    """
    old, new = before.splitlines(), after.splitlines()
    same = _same(old, new)
    old, new = old[same:], new[same:]
    end = _same(old[::-1], new[::-1])
    old, new = old[: len(old) - end], new[: len(new) - end]
    if max(len(old), len(new)) > MOST_COMPARED:
        return [Difference(same + 1, tuple(old), tuple(new))]
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [Difference(same + c + 1, tuple(old[a:b]), tuple(new[c:d])) for tag, a, b, c, d in steps if tag != "equal"]


def _same(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines both begin with."""
    return next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _fixed(text: str, table: Table) -> Iterable[str]:
    """The form asks in these words, and every kept report was answered in them: they change with the portal only."""
    if not _is_nameable(text):
        yield f'{_line(text, "version", "")}version: it must stand on a line of its own, as version = "…"'
    for name in RUNNING.scales:
        if table.scales[name] != RUNNING.scales[name]:
            yield f"{_line(text, f'{name} = ', '[scales]')}scale {name}: its words and numbers are those of the form"
    if table.red_flags != RUNNING.red_flags:
        was, now = ([flag for group in some.red_flags for flag in group.flags] for some in (RUNNING, table))
        other = next((flag.id for flag in now if flag not in was), "")
        place = f'id = "{other}"' if other else "[[red_flags]]"
        yield f"{_line(text, place, '[[red_flags]]')}red_flags: the warning signs are those of the form"


def _is_nameable(text: str) -> bool:
    try:
        return bool(tomllib.loads(named(text, "another"))["version"] == "another")
    except ValueError:
        return False


def _line(text: str, wanted: str, after: str) -> str:
    lines: Sequence[str] = text.splitlines()
    start = next((number for number, line in enumerate(lines) if line.strip().startswith(after)), 0)
    found = next((number for number, line in enumerate(lines) if number >= start and wanted in line), start)
    return f"line {found + 1}, "
