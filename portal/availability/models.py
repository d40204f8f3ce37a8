"""Places, rooms and devices; hours, time off, one-off openings; when the clinic is shut."""

from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.availability.rules import Hours, ResourceKind, Span
from portal.kit.db import Row, enum_type

_IN_ORDER = "starts_at < ends_at"


class Place(Row, table=True):
    """Where the clinic treats."""

    name: str = Field(unique=True, max_length=120)
    address: str = Field(default="", max_length=400)
    directions: str = Field(default="", max_length=400)
    is_active: bool = True


class Resource(Row, table=True):
    """A room or a device. Without a place it serves wherever the practitioner is."""

    kind: ResourceKind = Field(sa_type=enum_type(ResourceKind))
    name: str = Field(unique=True, max_length=120)
    place_id: UUID | None = Field(default=None, foreign_key="place.id", index=True)
    is_active: bool = True

    @property
    def is_room(self) -> bool:
        return self.kind is ResourceKind.ROOM


class ResourceFit(Row, table=True):
    """This room or device serves this treatment."""

    resource_id: UUID = Field(foreign_key="resource.id")
    treatment_id: UUID = Field(foreign_key="treatment.id", index=True)

    __table_args__ = (sa.UniqueConstraint("resource_id", "treatment_id"),)


class ResourceOutage(Row, table=True):
    """A room or device cannot be used."""

    resource_id: UUID = Field(foreign_key="resource.id")
    starts_at: datetime
    ends_at: datetime
    reason: str = Field(default="", max_length=120)

    __table_args__ = (
        sa.CheckConstraint(_IN_ORDER, name="in_order"),
        sa.Index("ix_resource_outage_resource", "resource_id", "ends_at"),
    )

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


class WorkingHours(Row, table=True):
    """When and where a practitioner works, or has a break, each week on the clinic's clock. `weekday` 0 is Monday."""

    practitioner_id: UUID = Field(foreign_key="person.id", index=True)
    place_id: UUID | None = Field(default=None, foreign_key="place.id", index=True)
    weekday: int
    opens: time
    closes: time
    valid_from: date | None = None
    valid_until: date | None = None
    is_break: bool = False

    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("opens < closes", name="opens_before_closes"),
        sa.CheckConstraint("valid_from <= valid_until", name="valid_in_order"),
    )

    @property
    def hours(self) -> Hours:
        return Hours(
            self.weekday, self.opens, self.closes, self.valid_from, self.valid_until, self.place_id, self.is_break
        )


class TimeOff(Row, table=True):
    """When a practitioner is away."""

    practitioner_id: UUID = Field(foreign_key="person.id")
    starts_at: datetime
    ends_at: datetime
    reason: str = Field(default="", max_length=120)

    __table_args__ = (
        sa.CheckConstraint(_IN_ORDER, name="in_order"),
        sa.Index("ix_time_off_practitioner", "practitioner_id", "ends_at"),
    )

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


class Opening(Row, table=True):
    """Once, outside the week: a practitioner works then, and there."""

    practitioner_id: UUID = Field(foreign_key="person.id")
    place_id: UUID | None = Field(default=None, foreign_key="place.id", index=True)
    starts_at: datetime
    ends_at: datetime

    __table_args__ = (
        sa.CheckConstraint(_IN_ORDER, name="in_order"),
        sa.Index("ix_opening_practitioner", "practitioner_id", "ends_at"),
    )

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


class Closure(Row, table=True):
    """The whole clinic (no place) or one place is shut: a holiday, a renovation."""

    place_id: UUID | None = Field(default=None, foreign_key="place.id", index=True)
    starts_at: datetime
    ends_at: datetime
    name: str = Field(max_length=120)

    __table_args__ = (
        sa.CheckConstraint(_IN_ORDER, name="in_order"),
        sa.Index("ix_closure_ends_at", "ends_at"),
    )

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)
