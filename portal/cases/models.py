"""Case files and their addenda."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.cases import rules
from portal.cases.rules import Causality, Criterion, Term
from portal.kit import clock
from portal.kit.db import Row, enum_type


class CaseFile(Row, table=True):
    """What a practitioner says about one report. `seriousness`: criteria, empty while nobody has said; `suspects`:
    [{kind, name, lot, source}] as they stood when it was written. Signed, it never changes.
    """

    report_id: UUID = Field(foreign_key="side_effect_report.id", unique=True, ondelete="CASCADE")
    client_id: UUID = Field(foreign_key="person.id", index=True)
    seriousness: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    term: Term | None = Field(default=None, sa_type=enum_type(Term, "case_term"))
    term_words: str = Field(default="", max_length=120)
    grade: int | None = None
    terms_version: str = Field(default=rules.VERSION, max_length=20)
    onset_at: datetime | None = None
    ended_at: datetime | None = None
    suspects: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    causality: Causality | None = Field(default=None, sa_type=enum_type(Causality))
    assessment: str = Field(default="", max_length=4000)
    drafted_at: datetime = Field(default_factory=clock.now)
    written_by_id: UUID = Field(foreign_key="person.id")
    signed_at: datetime | None = None
    signed_by_id: UUID | None = Field(default=None, foreign_key="person.id")

    __table_args__ = (
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name="grade_in_range"),
        sa.CheckConstraint("ended_at >= onset_at", name="ended_after_it_began"),
        sa.CheckConstraint("(signed_at IS NULL) = (signed_by_id IS NULL)", name="signed_by_somebody"),
        sa.CheckConstraint(
            "signed_at IS NULL OR (term IS NOT NULL AND grade IS NOT NULL AND onset_at IS NOT NULL"
            " AND causality IS NOT NULL)",
            name="signed_is_complete",
        ),
    )

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None

    @property
    def reference(self) -> str:
        """How the case is called where no name may stand."""
        return f"C-{self.id.hex[:10].upper()}"

    @property
    def criteria(self) -> list[Criterion]:
        """What makes it serious."""
        return [Criterion(one) for one in self.seriousness if one != Criterion.NONE]

    @property
    def event(self) -> str:
        """The term as it is read, with its words."""
        if self.term is None:
            return ""
        return f"{self.term.label}: {self.term_words}" if self.term is Term.OTHER else self.term.label

    @property
    def lasted(self) -> timedelta | None:
        return rules.lasted(self.onset_at, self.ended_at)


class CaseAddendum(Row, table=True):
    """Something added to a signed case file: who, what, when. Never changed."""

    file_id: UUID = Field(foreign_key="case_file.id", index=True, ondelete="CASCADE")
    client_id: UUID = Field(foreign_key="person.id", index=True)
    by_id: UUID = Field(foreign_key="person.id")
    text: str = Field(max_length=4000)
    at: datetime = Field(default_factory=clock.now)
