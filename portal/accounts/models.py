"""People, their sign-ins, and the links sent to them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.accounts.rules import Purpose, Viewer
from portal.kit import clock
from portal.kit.db import Row, enum_type


class Person(Row, table=True):
    """An account. Nobody without a password and a proven e-mail can sign in."""

    email: str = Field(unique=True, max_length=254)
    name: str = Field(max_length=120)
    phone: str = Field(default="", max_length=20)
    is_practitioner: bool = False
    is_admin: bool = False
    is_active: bool = True
    time_zone: str = Field(default="", max_length=60)
    title: str = Field(default="", max_length=120)
    password_hash: str | None = Field(default=None, max_length=200)
    email_proven_at: datetime | None = None
    joined_at: datetime = Field(default_factory=clock.now, index=True)

    __table_args__ = (sa.CheckConstraint("email = lower(email)", name="email_is_lower"),)

    @property
    def is_client(self) -> bool:
        return not (self.is_practitioner or self.is_admin)

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    def as_viewer(self, sign_in_id: UUID | None = None) -> Viewer:
        return Viewer(self.id, self.name, self.email, self.is_practitioner, self.is_admin, self.time_zone, sign_in_id)


class SignIn(Row, table=True):
    """One browser signed in. The cookie holds a random token; here lies only its SHA-256."""

    person_id: UUID = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    began_at: datetime = Field(default_factory=clock.now)
    used_at: datetime = Field(default_factory=clock.now)
    ended_at: datetime | None = None
    device: str = Field(default="", max_length=80)


class MailedLink(Row, table=True):
    """A single-use link: only its token's SHA-256 is kept."""

    person_id: UUID = Field(foreign_key="person.id", index=True)
    purpose: Purpose = Field(sa_type=enum_type(Purpose))
    token_hash: str = Field(unique=True, max_length=64)
    new_email: str = Field(default="", max_length=254)
    made_at: datetime = Field(default_factory=clock.now)
    expires_at: datetime
    used_at: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        return self.used_at is None and at < self.expires_at
