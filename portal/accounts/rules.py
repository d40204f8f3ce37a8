"""Who is looking, and for how long a sign-in lasts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """Whoever is neither practitioner nor admin is a client. A practitioner may also be an admin."""

    CLIENT = "client"
    PRACTITIONER = "practitioner"
    ADMIN = "admin"


class Purpose(StrEnum):
    """What a link sent by e-mail is for."""

    INVITATION = "invitation"
    RESET = "reset"
    NEW_EMAIL = "new_email"


# Words an attacker tries first here: a password may hold them, but they count for nothing (ASVS 6.1.2).
WORDS_OF_OURS = ("portal", "clinic", "scalp", "needling", "microneedling", "treatment", "consultation", "patient")
LINK_LASTS = {
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
    Purpose.NEW_EMAIL: timedelta(hours=24),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person behind a request: what every query and verb is told of them."""

    id: UUID
    name: str
    email: str
    is_practitioner: bool
    is_admin: bool
    time_zone: str
    sign_in_id: UUID | None = None

    @property
    def is_staff(self) -> bool:
        return self.is_practitioner or self.is_admin

    @property
    def is_client(self) -> bool:
        return not self.is_staff

    @property
    def role(self) -> Role:
        if self.is_practitioner:
            return Role.PRACTITIONER
        return Role.ADMIN if self.is_admin else Role.CLIENT

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a sign-in lasts: without use (`idle`) and at most (`absolute`)."""

    staff_idle: timedelta
    client_idle: timedelta
    absolute: timedelta

    def is_over(self, *, is_staff: bool, began: datetime, used: datetime, at: datetime) -> bool:
        idle = self.staff_idle if is_staff else self.client_idle
        return at - used > idle or at - began > self.absolute
