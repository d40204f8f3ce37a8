"""The clinic's own data: a single row."""

from urllib.parse import quote

from sqlmodel import Field

from portal.kit.db import Row


class ClinicProfile(Row, table=True):
    """What every page and e-mail says about the clinic. Numbers are E.164."""

    name: str = Field(default="Your clinic", max_length=120)
    tagline: str = Field(default="Scalp micro-needling", max_length=120)
    address: str = Field(default="", max_length=400)
    phone: str = Field(default="", max_length=20)
    whatsapp: str = Field(default="", max_length=20)
    email: str = Field(default="", max_length=254)
    opening_hours: str = Field(default="", max_length=400)
    emergency_number: str = Field(default="112", max_length=20)
    time_zone: str = Field(default="Europe/Berlin", max_length=60)
    currency: str = Field(default="EUR", max_length=3)
    accent: str = Field(default="#2f5f55", max_length=7)

    @property
    def phone_href(self) -> str:
        return f"tel:{self.phone}"

    @property
    def whatsapp_href(self) -> str | None:
        return f"https://wa.me/{self.whatsapp.lstrip('+')}" if self.whatsapp else None

    def whatsapp_with(self, text: str) -> str | None:
        """A link that opens WhatsApp with the text filled in; the person still presses send."""
        return f"{self.whatsapp_href}?text={quote(text)}" if self.whatsapp else None
