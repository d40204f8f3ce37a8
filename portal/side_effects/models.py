"""Reports of side effects, who has seen them, and the versions of the table that judges them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row, enum_type
from portal.side_effects.rules import Level, Outcome, Symptom, Trend

ASKED = "D15"  # the rule for a client who asks for a person
_OPEN = sa.text("closed_at IS NULL AND needs_person")
_SIGNS = {"signs", "discharge", "rash", "late", "feverish", "temperature"}


def title_of(symptoms: Sequence[str], answers: Mapping[str, Any], *, is_calm: bool) -> str:
    """What a report is called on a page, for a whole one or for some columns of it. `is_calm`: expected, and nobody has
    to look; only then “nothing” is called well.
    """
    words = ["something else" if name == Symptom.OTHER else name for name in symptoms]
    if text := " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:]))):
        return text.capitalize()
    if answers.get("flags"):
        return "Warning signs"
    if not answers.get("all_clear") or answers.keys() & _SIGNS:
        return "Other signs"
    is_well = is_calm and answers.get("flags_answer") == "none" and answers.get("trend") != Trend.WORSE
    return "All well" if is_well else "Nothing ticked"


class SideEffectReport(Row, table=True):
    """What a client reported, and how it was judged: level, rules that fired and why, version and inputs, as they were.

    `fired`: [{id, level, because, source, say}]; `inputs`: the facts given to the rules; `hours` since `followed_at`,
    the last session before the report; `needs_person`: somebody has to close it. What was reported is never changed.
    """

    client_id: UUID = Field(foreign_key="person.id")
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", ondelete="SET NULL", index=True)
    reported_at: datetime = Field(default_factory=clock.now)
    followed_at: datetime | None = None
    hours: float | None = None
    began_at: datetime | None = None
    symptoms: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    zones: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    note: str = Field(default="", max_length=4000)
    photo_id: UUID | None = None

    level: Level = Field(sa_type=enum_type(Level))
    follow_up: bool = False
    needs_person: bool = False
    fired: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    inputs: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    rules_version: str = Field(max_length=80)

    closed_at: datetime | None = None
    closed_by: UUID | None = Field(default=None, foreign_key="person.id")
    outcome: Outcome | None = Field(default=None, sa_type=enum_type(Outcome))
    closing_note: str = Field(default="", max_length=4000)

    __table_args__ = (
        sa.CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_with_an_outcome"),
        sa.CheckConstraint("began_at IS NULL OR began_at <= reported_at", name="began_before_it_was_reported"),
        sa.CheckConstraint("level IN ('expected', 'watch') OR needs_person", name="off_course_needs_a_person"),
        sa.Index("ix_side_effect_report_client", "client_id", "reported_at"),
        sa.Index("ix_side_effect_report_open", "reported_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    @property
    def is_open(self) -> bool:
        return self.needs_person and self.closed_at is None

    @property
    def is_calm(self) -> bool:
        """Expected, and nobody has to look."""
        return self.level is Level.EXPECTED and not self.needs_person

    @property
    def asks_for_person(self) -> bool:
        """The client asked for a person, with the report or after the answer."""
        return any(rule["id"] == ASKED for rule in self.fired)

    @property
    def advice(self) -> list[str]:
        """What the rules that fired say to do at once; each sentence once."""
        return list(dict.fromkeys(rule["say"] for rule in self.fired if rule["say"]))

    @property
    def title(self) -> str:
        """“Redness and itch”; who ticks a red flag need not name a symptom."""
        return title_of(self.symptoms, self.answers, is_calm=self.is_calm)


class ReportAcknowledgement(Row, table=True):
    """A practitioner has seen a report and says so."""

    report_id: UUID = Field(foreign_key="side_effect_report.id", ondelete="CASCADE")
    practitioner_id: UUID = Field(foreign_key="person.id", index=True)
    at: datetime = Field(default_factory=clock.now)

    __table_args__ = (sa.UniqueConstraint("report_id", "practitioner_id"),)


class TriageTable(Row, table=True):
    """One published version of the triage table, as TOML; the newest number is in force, `version` is its name. Never
    changed, but that one practitioner signs it once. `why`: what was changed, and why.
    """

    number: int = Field(unique=True)
    version: str = Field(max_length=40)
    text: str
    why: str = Field(max_length=4000)
    published_at: datetime = Field(default_factory=clock.now)
    published_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    based_on_id: UUID | None = Field(default=None, foreign_key="triage_table.id")
    signed_at: datetime | None = None
    signed_by_id: UUID | None = Field(default=None, foreign_key="person.id")

    __table_args__ = (
        sa.CheckConstraint("number >= 1", name="numbered_from_one"),
        sa.CheckConstraint("(signed_at IS NULL) = (signed_by_id IS NULL)", name="signed_by_whom"),
    )


class TriageSetting(Row, table=True):
    """What clients see of the answer: one row. `place` lets there be no second one."""

    place: str = Field(default="clinic", unique=True, max_length=8)
    shows_level: bool = True


class ReportDraft(Row, table=True):
    """A report that is not sent: one a client, on whatever device. `answers`: the fields as they were typed."""

    client_id: UUID = Field(foreign_key="person.id", unique=True)
    answers: dict[str, list[str]] = Field(default_factory=dict, sa_type=sa.JSON)
    begun_at: datetime = Field(default_factory=clock.now)
    updated_at: datetime = Field(default_factory=clock.now, index=True)

    @property
    def has_red_flag(self) -> bool:
        return bool(self.answers.get("flags"))
