"""The courses table."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.courses.rules import LONGEST_WINDOW_DAYS, Step, plan
from portal.kit.db import Row
from portal.suitability.scope import Zone
from portal.treatments.rules import LONGEST_INTERVAL_DAYS, MOST_IN_A_COURSE, SHORTEST_INTERVAL_DAYS

_OPEN = sa.text("ended_on IS NULL")


class Course(Row, table=True):
    """One agreed plan; a client has at most one that has not ended. `note` is the team's, the client never sees it.

    `window_days`: how long after its target day a session may still be. `photos_before` and `reviews_after` are numbers
    of sessions. `zones` and `depth_mm` (mm) are what will be treated; empty and None: as the verdict allows.
    """

    client_id: UUID = Field(foreign_key="person.id", index=True)
    practitioner_id: UUID = Field(foreign_key="person.id")
    treatment_id: UUID = Field(foreign_key="treatment.id")
    sessions_planned: int
    interval_days: int
    agreed_on: date
    window_days: int = 7
    zones: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    depth_mm: float | None = None
    photos_before: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    reviews_after: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    review_on: date
    stop_rule: str = Field(max_length=4000)
    note: str = Field(default="", max_length=4000)
    ended_on: date | None = None
    end_reason: str = Field(default="", max_length=1000)

    __table_args__ = (
        sa.Index("uq_course_open", "client_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.CheckConstraint(f"sessions_planned BETWEEN 1 AND {MOST_IN_A_COURSE}", name="sessions_in_range"),
        sa.CheckConstraint(
            f"interval_days BETWEEN {SHORTEST_INTERVAL_DAYS} AND {LONGEST_INTERVAL_DAYS}", name="interval_in_range"
        ),
        sa.CheckConstraint(f"window_days BETWEEN 0 AND {LONGEST_WINDOW_DAYS}", name="window_in_range"),
        sa.CheckConstraint("length(stop_rule) > 0", name="stop_rule_given"),
    )

    @property
    def is_open(self) -> bool:
        return self.ended_on is None

    def steps(self, known: Sequence[date] = ()) -> list[Step]:
        """The plan, session by session. `known`: the days of its sessions so far, done or booked, in order."""
        return plan(self.sessions_planned, self.interval_days, self.window_days, known or [self.agreed_on])

    @property
    def zone_labels(self) -> list[str]:
        return [Zone(zone).label for zone in self.zones]
