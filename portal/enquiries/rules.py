"""The life of an enquiry, and the words WhatsApp opens with."""

from enum import StrEnum


class Status(StrEnum):
    """Where an enquiry stands."""

    NEW = "new"
    CONTACTED = "contacted"
    INVITED = "invited"
    CLOSED = "closed"


class Way(StrEnum):
    """How somebody would like to be answered."""

    EMAIL = "email"
    PHONE = "phone"
    WHATSAPP = "whatsapp"


class Part(StrEnum):
    """When somebody would like to be called, in the clinic's time."""

    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


WAYS = ((Way.EMAIL, "E-mail"), (Way.PHONE, "A call"), (Way.WHATSAPP, "WhatsApp"))
PARTS = ((Part.ANY, "Any time"), (Part.MORNING, "Morning"), (Part.AFTERNOON, "Afternoon"), (Part.EVENING, "Evening"))
OPEN = (Status.NEW, Status.CONTACTED)

_NEXT = {
    Status.NEW: {Status.CONTACTED, Status.INVITED, Status.CLOSED},
    Status.CONTACTED: {Status.INVITED, Status.CLOSED, Status.NEW},
    Status.INVITED: {Status.CLOSED},
    Status.CLOSED: {Status.NEW},
}


def may_become(now: Status, then: Status) -> bool:
    """Whether an enquiry may go from one status to another."""
    return then in _NEXT[now]


def whatsapp_text(clinic: str, name: str = "") -> str:
    """The text WhatsApp opens with. It names nobody's health: the words themselves stay in the portal."""
    greeting = f"Hello, this is {name}." if name else "Hello."
    return f"{greeting} I would like to ask about a free consultation at {clinic}. When could we talk?"
