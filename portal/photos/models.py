"""Photos and the key that opens one client's photos."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row, enum_type
from portal.photos.quality import MILD, Fault, Quality, told
from portal.photos.rules import DateSource, HairLength, Parting, Product, Wetness
from portal.photos.views import NAMES, Presentation, View


class PhotoKey(Row, table=True):
    """One client's data key, wrapped by the master key. Without this row nobody can open the client's files."""

    client_id: UUID = Field(foreign_key="person.id", unique=True)
    wrapped: bytes = Field(sa_type=sa.LargeBinary)


class PhotoPlan(Row, table=True):
    """Which kind of hair loss a client's series follows, so which views are asked for; PATTERN without a row."""

    client_id: UUID = Field(foreign_key="person.id", unique=True)
    presentation: Presentation = Field(sa_type=enum_type(Presentation))
    set_by_id: UUID = Field(foreign_key="person.id")
    set_at: datetime = Field(default_factory=clock.now)


class Photo(Row, table=True):
    """One photo: the original and three renditions lie sealed in the store, under random names.

    `taken_at` is known only where the file or its sender told the hour; `taken_zone` is the zone of that clock, as an
    offset or a name. `quality`: the numbers of `photos.quality.Quality`; `faults`: the codes found when it was sent;
    `kept_at`: the client keeps it in spite of them. `apart_since`: it looks like something else and stands in no series
    until the client confirms it; `confirmed_at`: they did. `view_said_at`: somebody looked at the photo and said which
    view it is, so that it is suspected no more. `may_teach`, `may_publish`: the client's own narrowing of what was
    consented to. `withdrawn_at`: its bytes are gone; the row stays as the trace that there was a photo.
    """

    client_id: UUID = Field(foreign_key="person.id")
    uploaded_by: UUID = Field(foreign_key="person.id")
    view: View = Field(sa_type=enum_type(View))
    taken_on: date | None = None
    taken_at: datetime | None = None
    taken_zone: str = Field(default="", max_length=40)
    date_source: DateSource = Field(default=DateSource.UNKNOWN, sa_type=enum_type(DateSource))
    wetness: Wetness = Field(default=Wetness.UNKNOWN, sa_type=enum_type(Wetness))
    product: Product = Field(default=Product.UNKNOWN, sa_type=enum_type(Product))
    parting: Parting = Field(default=Parting.UNKNOWN, sa_type=enum_type(Parting))
    length: HairLength = Field(default=HairLength.UNKNOWN, sa_type=enum_type(HairLength))
    quality: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    faults: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    kept_at: datetime | None = None
    apart_since: datetime | None = None
    confirmed_at: datetime | None = None
    view_said_at: datetime | None = None
    suspected_view: View | None = Field(default=None, sa_type=enum_type(View, "suspected_view"))
    may_teach: bool = True
    may_publish: bool = True
    withdrawn_at: datetime | None = None
    received_at: datetime = Field(default_factory=clock.now)
    reviewed_at: datetime | None = None
    sha256: str = Field(max_length=64)
    dhash: str = Field(max_length=16)
    width: int
    height: int
    format: str = Field(max_length=8)
    size: int
    original: str = Field(max_length=60)
    large: str = Field(max_length=60)
    medium: str = Field(max_length=60)
    small: str = Field(max_length=60)

    __table_args__ = (
        sa.UniqueConstraint("client_id", "sha256"),
        sa.Index("ix_photo_series", "client_id", "view", "taken_on"),
        sa.Index(
            "ix_photo_unreviewed",
            "received_at",
            sqlite_where=sa.text("reviewed_at IS NULL"),
            postgresql_where=sa.text("reviewed_at IS NULL"),
        ),
    )

    @property
    def is_poor(self) -> bool:
        """Whether it has a fault for which it should be taken again; what is mild is only told."""
        return any(code not in MILD for code in self.faults)

    @property
    def is_accepted(self) -> bool:
        return self.apart_since is None and (self.kept_at is not None or not self.is_poor)

    @property
    def found_faults(self) -> list[Fault]:
        return told(self.faults)

    @property
    def measured(self) -> Quality | None:
        return Quality(**self.quality) if self.quality else None

    @property
    def names(self) -> list[str]:
        """Of its objects in the store."""
        return [self.original, self.large, self.medium, self.small]

    @property
    def view_name(self) -> str:
        return NAMES[self.view]

    def fits(self, longest: int) -> tuple[int, int]:
        """Width and height of a rendition whose longest side is at most `longest` pixels."""
        scale = min(1.0, longest / max(self.width, self.height))
        return round(self.width * scale), round(self.height * scale)


class StorageCheck(Row, table=True):
    """One comparison of the store with the rows that name its objects: every file was opened, nothing was deleted.

    `missing`, `untracked`, `changed`: names of objects, the first few hundred of each; the counts are whole.
    `looked_at`: how many objects were opened so far. `ended_at`: None while it runs.
    """

    began_at: datetime = Field(default_factory=clock.now, index=True)
    ended_at: datetime | None = None
    looked_at: int = 0
    missing: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    untracked: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    changed: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    missing_count: int = 0
    untracked_count: int = 0
    changed_count: int = 0

    @property
    def is_well(self) -> bool:
        return not (self.missing_count or self.untracked_count or self.changed_count)
