"""The running table: the newest version the clinic has published, or the one shipped with the portal.

Every process asks the database which version is the newest and reads each version once. A version that can no longer
be read (the checks became stricter) never stops a report: the shipped table judges, the log and the admins hear of it.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from portal.side_effects.conditions import Earlier, Facts
from portal.side_effects.layout import Table
from portal.side_effects.models import TriageSetting, TriageTable
from portal.side_effects.rules import Triage
from portal.side_effects.table import RUNNING, read

SIGNED, UNSIGNED = "signed off by a clinician", "not yet signed off by a clinician"
OTHER_FORM = "the warning signs or the words of the scales are not those of the form any more"
log = logging.getLogger("portal.side_effects")


class Judged(NamedTuple):
    """What the rules made of a report, and the table that said so."""

    table: Table
    found: Triage


class Newest(NamedTuple):
    """Which version is in force, without its text."""

    id: UUID
    number: int
    is_signed: bool


class _Read(NamedTuple):
    table: Table | None
    problem: str = ""


def table(db: Session) -> Table:
    """The table in force. Its version says whether a practitioner of the clinic has signed it."""
    newest = newest_version(db)
    made = _read(db, newest).table if newest else None
    if newest is None or made is None:
        return RUNNING
    return replace(made, version=f"{made.version}, {SIGNED if newest.is_signed else UNSIGNED}")


def judge(db: Session, facts: Facts, history: Sequence[Earlier] = ()) -> Judged:
    """A report judged by the table in force; by the shipped one should that fail, for a report must never be lost."""
    running = table(db)
    try:
        return Judged(running, running.triage(facts, history))
    except Exception:
        log.exception("the table %s failed on a report: the shipped one judged it", running.version)
        return Judged(RUNNING, RUNNING.triage(facts, history))


def trouble(db: Session) -> str:
    """Why the newest version is not in force, in words for an admin; empty when it is."""
    newest = newest_version(db)
    return _read(db, newest).problem if newest else ""


def shows_level(db: Session) -> bool:
    """Whether clients see the level and the reasons, or fixed advice only."""
    found = db.exec(select(TriageSetting.shows_level)).first()
    return found is not False


def newest_version(db: Session) -> Newest | None:
    """The version published last; None where the clinic has published none."""
    wanted = select(TriageTable.id, TriageTable.number, TriageTable.signed_at)
    found = db.exec(wanted.order_by(col(TriageTable.number).desc()).limit(1)).first()
    return Newest(found[0], found[1], found[2] is not None) if found else None


_known: dict[UUID, _Read] = {}  # a version's text never changes, so what was read of it stays true in every process


def _read(db: Session, newest: Newest) -> _Read:
    if newest.id not in _known:
        text = db.exec(select(TriageTable.text).where(TriageTable.id == newest.id)).one()
        _known[newest.id] = _parsed(text, newest.number)
    return _known[newest.id]


def _parsed(text: str, number: int) -> _Read:
    try:
        made = read(text)
    except Exception as error:
        log.exception("version %s of the triage table cannot be read: the shipped one is in force", number)
        return _Read(None, str(error))
    if (made.red_flags, made.scales) != (RUNNING.red_flags, RUNNING.scales):  # a sign it does not know would be missed
        log.error("version %s of the triage table knows another form: the shipped one is in force", number)
        return _Read(None, OTHER_FORM)
    return _Read(made)
