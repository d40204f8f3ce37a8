"""Verbs: edit the next version of the table, throw it away, publish it; sign a version; choose what clients see."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import insert_once, lock_row
from portal.kit.errors import Refused
from portal.notifications import service as notifications
from portal.side_effects import running
from portal.side_effects.models import TriageSetting, TriageTable
from portal.side_effects.rules import Level
from portal.triage import patching, queries, rules
from portal.triage.models import TriageDraft
from portal.triage.patching import Numbers

TABLE_PAGE, TEXT_PAGE = "/triage", "/triage/edit/text"
NOT_BY_FIELDS = "This table is written in a way these fields cannot follow. Please change it in the text."
CHANGED = "The draft was changed meanwhile. What you typed is below and not kept: keep it again to replace the other."
TRY_AGAIN = "The text was changed or published since this dry run. Please look at the dry run again."
_TABLE = TriageTable.__table__  # type: ignore[attr-defined]
_DRAFT = TriageDraft.__table__  # type: ignore[attr-defined]
_SETTING = TriageSetting.__table__  # type: ignore[attr-defined]
Problems = Sequence[str]


def keep_text(db: Session, admin: Viewer, text: str, mark: str) -> Problems:
    """Take a whole text as the next version, if it is sound; else nothing changes and the reasons are given."""
    made = text.replace("\r\n", "\n").strip() + "\n"
    if found := rules.candidate(made).problems:
        return found
    now = queries.prepared(db, for_change=True)
    if now.mark != mark and now.text != made:
        return [CHANGED]
    _keep(db, admin, made)
    return []


def keep_band(db: Session, admin: Viewer, symptom: str, numbers: Sequence[Numbers]) -> Problems:
    """Change the numbers of one band of the next version, if it stays sound."""
    now = queries.prepared(db, for_change=True)
    try:
        made = patching.with_band(now.text, symptom, numbers)
    except patching.Unpatchable:
        return [NOT_BY_FIELDS]
    return _keep_sound(db, admin, made)


def keep_rule(db: Session, admin: Viewer, name: str, level: Level, numbers: Sequence[str]) -> Problems:
    """Change the level and the numbers of one rule of the next version, if it stays sound."""
    now = queries.prepared(db, for_change=True)
    try:
        made = patching.with_rule(now.text, name, level.value, numbers)
    except patching.Unpatchable:
        return [NOT_BY_FIELDS]
    return _keep_sound(db, admin, made)


def discard(db: Session, admin: Viewer) -> None:
    """Throw the draft away. Doing it twice changes nothing."""
    if draft := queries.prepared(db, for_change=True).draft:
        db.delete(draft)
        audit.record(db, admin, "triage.discarded", draft)


def publish(db: Session, admin: Viewer, mark: str, why: str) -> TriageTable:
    """Put the text that was tried in force: from the next report on. Nobody has signed it yet.

    Raises Refused when the text is another one by now, differs in nothing, or no longer stands up to the checks.
    """
    now = queries.prepared(db, for_change=True)
    if now.mark != mark:
        raise Refused(TRY_AGAIN, ("To the dry run", "/triage/dry-run"))
    if not now.is_new:
        raise Refused("Nothing was changed since the version in force.", ("To the table", TABLE_PAGE))
    made = _version(db, admin, now, why)
    if not insert_once(db, _TABLE, made.model_dump(), "number"):
        raise Refused(TRY_AGAIN, ("To the dry run", "/triage/dry-run"))
    if now.draft:
        db.delete(now.draft)
    audit.record(db, admin, "triage.published", made)
    text = "The rules that judge side effects have a new version. Please read it, and sign it if you agree."
    notifications.tell_practitioners(db, f"triage.published:{made.id}", text, TABLE_PAGE, by_mail=None)
    return queries.version(db, made.id)


def sign(db: Session, practitioner: Viewer, version_id: UUID) -> TriageTable:
    """“I have read this version, and reports here may be judged by it.” Once for each version. Raises Refused."""
    lock_row(db, _TABLE, version_id)
    row = queries.version(db, version_id)
    db.refresh(row)
    newest = running.newest_version(db)
    if newest is None or newest.id != row.id or running.trouble(db):
        raise Refused("This version is not in force: only the one in force can be signed.", ("To it", TABLE_PAGE))
    if row.signed_at:
        raise Refused("This version is signed already.", ("To the table", TABLE_PAGE))
    row.signed_at, row.signed_by_id = clock.now(), practitioner.id
    audit.record(db, practitioner, "triage.signed", row)
    return row


def choose(db: Session, admin: Viewer, *, shows_level: bool) -> None:
    """Whether clients see the level and the reasons, or fixed advice only."""
    insert_once(db, _SETTING, TriageSetting().model_dump(), "place")
    row = queries.setting(db)
    if row.shows_level != shows_level:
        row.shows_level = shows_level
        audit.record(db, admin, "triage.level_shown" if shows_level else "triage.level_hidden", row)


def _version(db: Session, admin: Viewer, now: queries.Prepared, why: str) -> TriageTable:
    number = now.since.number + 1 if now.since else 1
    label = rules.label(number, clock.today(clinic.profile(db).time_zone))
    found = rules.candidate(rules.named(now.text, label))
    if found.table is None:  # it was sound when it was kept; the checks became stricter since
        raise Refused(f"The draft cannot be published: {'; '.join(found.problems)}.", ("To the text", TEXT_PAGE))
    return TriageTable(
        number=number,
        version=label,
        text=found.text,
        why=why,
        published_by_id=admin.id,
        based_on_id=now.since.id if now.since else None,
    )


def _keep_sound(db: Session, admin: Viewer, text: str) -> Problems:
    if found := rules.candidate(text).problems:
        return found
    _keep(db, admin, text)
    return []


def _keep(db: Session, admin: Viewer, text: str) -> None:
    insert_once(db, _DRAFT, TriageDraft(text=text).model_dump(), "place")
    draft = queries.prepared(db, for_change=True).draft
    if draft is None:
        raise Refused(TRY_AGAIN, ("To the table", TABLE_PAGE))
    draft.text, draft.edited_at, draft.edited_by_id = text, clock.now(), admin.id
    db.flush()
    audit.record(db, admin, "triage.edited", draft)
