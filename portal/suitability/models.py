"""Signed verdicts, holds, and health answers. What is signed or submitted is never changed: a new row follows."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row, enum_type
from portal.suitability.rules import HoldKind, Outcome, VerdictFacts
from portal.suitability.scope import DEEPEST_MM, SHALLOWEST_MM, Zone
from portal.treatments.rules import MOST_IN_A_COURSE

_OPEN = sa.text("lifted_at IS NULL")


class Verdict(Row, table=True):
    """A practitioner's signed decision; the newest one counts. `reasons` and `conditions` are read by the client,
    `note_private` and `despite_answers` (why yes against a health answer) never. Depth in mm; `scope_sessions` counts
    from the signing.
    """

    client_id: UUID = Field(foreign_key="person.id")
    practitioner_id: UUID = Field(foreign_key="person.id")
    outcome: Outcome = Field(sa_type=enum_type(Outcome))
    reasons: str = Field(max_length=4000)
    conditions: str = Field(default="", max_length=4000)
    scope_treatment_id: UUID = Field(foreign_key="treatment.id")
    scope_sessions: int = 0
    scope_zones: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    scope_max_depth_mm: float | None = None
    deferred_until: date | None = None
    valid_until: date | None = None
    signed_at: datetime = Field(default_factory=clock.now)
    despite_answers: str = Field(default="", max_length=1000)
    note_private: str = Field(default="", max_length=4000)

    __table_args__ = (
        sa.Index("ix_verdict_client", "client_id", "signed_at"),
        sa.CheckConstraint("length(reasons) > 0", name="reasons_given"),
        sa.CheckConstraint("outcome <> 'deferred' OR deferred_until IS NOT NULL", name="deferred_until_when"),
        sa.CheckConstraint("outcome <> 'with_conditions' OR length(conditions) > 0", name="conditions_given"),
        sa.CheckConstraint(
            "outcome IN ('deferred', 'not_suitable') OR "
            "(valid_until IS NOT NULL AND scope_max_depth_mm IS NOT NULL AND scope_sessions >= 1)",
            name="yes_has_scope",
        ),
        sa.CheckConstraint(f"scope_sessions BETWEEN 0 AND {MOST_IN_A_COURSE}", name="scope_sessions_in_range"),
        sa.CheckConstraint(
            f"scope_max_depth_mm IS NULL OR scope_max_depth_mm BETWEEN {SHALLOWEST_MM} AND {DEEPEST_MM}",
            name="scope_depth_in_range",
        ),
    )

    @property
    def zone_labels(self) -> list[str]:
        return [Zone(zone).label for zone in self.scope_zones]

    def facts(self) -> VerdictFacts:
        return VerdictFacts(
            outcome=self.outcome,
            treatment_id=self.scope_treatment_id,
            signed_at=self.signed_at,
            sessions_covered=self.scope_sessions,
            zones=frozenset(self.scope_zones),
            max_depth_mm=self.scope_max_depth_mm,
            deferred_until=self.deferred_until,
            valid_until=self.valid_until,
        )


class Hold(Row, table=True):
    """New treatment sessions are paused until somebody lifts it. `reason` is read by the client; `source_id` is what
    caused it (a report, an answer); nobody as `placed_by` means the portal itself.
    """

    client_id: UUID = Field(foreign_key="person.id")
    kind: HoldKind = Field(sa_type=enum_type(HoldKind))
    reason: str = Field(max_length=1000)
    source_id: UUID | None = None
    placed_by: UUID | None = Field(default=None, foreign_key="person.id")
    placed_at: datetime = Field(default_factory=clock.now)
    lifted_by: UUID | None = Field(default=None, foreign_key="person.id")
    lifted_at: datetime | None = None

    __table_args__ = (
        sa.Index("ix_hold_open", "client_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("uq_hold_open_source", "source_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    @property
    def is_open(self) -> bool:
        return self.lifted_at is None
