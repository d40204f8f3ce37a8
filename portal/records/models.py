"""Treatment records and their addenda."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row, enum_type
from portal.records.rules import Endpoint
from portal.suitability.scope import DEEPEST_MM, SHALLOWEST_MM, Zone

_DRAFT = sa.text("signed_at IS NULL")


class TreatmentRecord(Row, table=True):
    """What was done in one appointment. `zones`: [{zone, depth_mm, passes}]; `shallowest_mm` and `deepest_mm` repeat
    their extremes, so that the database itself keeps the range. Signed, it never changes. A client never sees `notes`.
    """

    appointment_id: UUID = Field(foreign_key="appointment.id", unique=True)
    client_id: UUID = Field(foreign_key="person.id", index=True)
    practitioner_id: UUID = Field(foreign_key="person.id")
    device: str = Field(default="", max_length=120)
    cartridge_lot: str = Field(default="", max_length=120)
    cartridge_expiry: date | None = None
    zones: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    shallowest_mm: float | None = None
    deepest_mm: float | None = None
    topical: str = Field(default="", max_length=120)
    topical_lot: str = Field(default="", max_length=120)
    anaesthetic: str = Field(default="", max_length=120)
    endpoint: Endpoint | None = Field(default=None, sa_type=enum_type(Endpoint))
    notes: str = Field(default="", max_length=4000)
    aftercare_given: bool = False
    drafted_at: datetime = Field(default_factory=clock.now)
    signed_at: datetime | None = None

    __table_args__ = (
        sa.Index("ix_treatment_record_draft", "drafted_at", sqlite_where=_DRAFT, postgresql_where=_DRAFT),
        sa.CheckConstraint(
            f"shallowest_mm >= {SHALLOWEST_MM} AND deepest_mm <= {DEEPEST_MM} AND shallowest_mm <= deepest_mm",
            name="depth_in_range",
        ),
        sa.CheckConstraint(
            "signed_at IS NULL OR (length(device) > 0 AND length(cartridge_lot) > 0 AND cartridge_expiry IS NOT NULL "
            "AND endpoint IS NOT NULL AND deepest_mm IS NOT NULL AND aftercare_given)",
            name="signed_is_complete",
        ),
    )

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None

    @property
    def zone_lines(self) -> list[str]:
        return [f"{Zone(dose['zone']).label}: {dose['depth_mm']:g} mm, {_times(dose['passes'])}" for dose in self.zones]


class Addendum(Row, table=True):
    """Something added to a signed record: who, what, when. Never changed."""

    record_id: UUID = Field(foreign_key="treatment_record.id", index=True)
    client_id: UUID = Field(foreign_key="person.id")
    author_id: UUID = Field(foreign_key="person.id")
    text: str = Field(max_length=4000)
    at: datetime = Field(default_factory=clock.now)


def _times(passes: int) -> str:
    return "1 pass" if passes == 1 else f"{passes} passes"
