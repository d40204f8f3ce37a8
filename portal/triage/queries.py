"""Reads of the versions of the table, of the draft, and of the kept reports a version is tried on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from portal.kit import clock
from portal.kit.errors import NotFound
from portal.side_effects import kept, learning, running
from portal.side_effects.layout import Table
from portal.side_effects.learning import Proposal, Told
from portal.side_effects.limits import HARD
from portal.side_effects.models import ASKED, SideEffectReport, TriageSetting, TriageTable
from portal.side_effects.table import SHIPPED
from portal.triage import rules, sentences, trial
from portal.triage.models import TriageDraft
from portal.triage.rules import Candidate
from portal.triage.sentences import Changed
from portal.triage.trial import Given, Trial

TRIED_DAYS, MOST_REPORTS = 90, 2000
OVER_DAYS, MOST_TAUGHT = 14, 5000  # from when on a course teaches, and how many reports are read for it


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would be published next: the draft, or the text in force while nobody edits. `since`: the newest version."""

    text: str
    draft: TriageDraft | None
    since: TriageTable | None
    in_force: str

    @property
    def mark(self) -> str:
        return rules.mark_of(self.text)

    @property
    def candidate(self) -> Candidate:
        return rules.candidate(self.text)

    @property
    def is_new(self) -> bool:
        """Whether publishing it would change anything; the shipped table may be published once, to be signed."""
        return self.since is None or not rules.is_same(self.since.text, self.text)


def versions(db: Session) -> Sequence[TriageTable]:
    """Every published version, the newest first."""
    return db.exec(select(TriageTable).order_by(col(TriageTable.number).desc())).all()


def version(db: Session, version_id: UUID) -> TriageTable:
    """One version. Raises NotFound."""
    found = db.get(TriageTable, version_id)
    if found is None:
        raise NotFound("There is no such version of the table.")
    return found


def before(db: Session, one: TriageTable) -> str:
    """The text a version took the place of."""
    found = db.get(TriageTable, one.based_on_id) if one.based_on_id else None
    return found.text if found else SHIPPED


def said_anew(db: Session, one: TriageTable | None) -> list[Changed]:
    """The sentences for clients that a version changes; none where it cannot be read."""
    try:
        return sentences.changed(before(db, one), one.text) if one else []
    except (ValueError, TypeError, KeyError, AttributeError):
        return []


def prepared(db: Session, *, for_change: bool = False) -> Prepared:
    """The draft as it is now; `for_change` holds it until the transaction ends."""
    wanted = select(TriageDraft)
    wanted = wanted.with_for_update().execution_options(populate_existing=True) if for_change else wanted
    draft, since = db.exec(wanted).first(), newest(db)
    now = since.text if since and not running.trouble(db) else SHIPPED
    return Prepared(draft.text if draft else now, draft, since, now)


def newest(db: Session) -> TriageTable | None:
    """The version published last, whether it can be read or not."""
    return db.exec(select(TriageTable).order_by(col(TriageTable.number).desc()).limit(1)).first()


def setting(db: Session) -> TriageSetting:
    """What clients see; the default before an admin chose."""
    return db.exec(select(TriageSetting)).first() or TriageSetting()


def tried(db: Session, wanted: Table) -> Trial:
    """A candidate tried on the reports of the last days, beside the table in force."""
    return trial.trial(_given(db), running.table(db), wanted)


def learned(db: Session, table: Table) -> dict[str, tuple[Proposal, ...]]:
    """What the clinic's own uneventful courses would say about each band."""
    cases = list(_courses(db).values())
    return {name: learning.learn(band, HARD.bands[name], cases) for name, band in table.bands.items()}


def _given(db: Session) -> list[Given]:
    since = clock.now() - timedelta(days=TRIED_DAYS)
    one = SideEffectReport
    wanted = select(one).where(one.reported_at >= since).order_by(col(one.reported_at).desc()).limit(MOST_REPORTS)
    return [
        Given(
            report.id,
            report.client_id,
            report.reported_at,
            report.hours,
            report.rules_version,
            report.inputs,
            asked=any(rule["id"] == ASKED for rule in report.fired),
        )
        for report in db.exec(wanted)
    ]


def _courses(db: Session) -> Mapping[object, list[Told]]:
    """The reports of each treatment session that lies far enough back, as far as learning may look."""
    one = SideEffectReport
    until = clock.now() - timedelta(days=OVER_DAYS)
    wanted = select(one).where(col(one.followed_at) < until).order_by(col(one.reported_at).desc()).limit(MOST_TAUGHT)
    found: dict[object, list[Told]] = {}
    for row in db.exec(wanted):
        told = Told(kept.earlier(row.hours, row.inputs), row.level, row.outcome, needed_person=row.needs_person)
        found.setdefault((row.client_id, row.followed_at), []).append(told)
    return found
