"""What an admin may say about the clinic."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from portal.clinic import rules
from portal.kit.fields import Email, OptionalPhone, Phone, Zone
from portal.kit.forms import Form, Line, OptionalWords


def _accent(text: str) -> str:
    colour = text.lower()
    if not rules.is_colour(colour):
        raise ValueError("Please give a colour as # and six digits, for example #2f6b5e.")
    if (ratio := rules.contrast(colour, rules.PAPER)) < rules.READABLE:
        better = rules.readable_on(colour, rules.PAPER)
        raise ValueError(
            f"Text in this colour is hard to read ({ratio:.1f} to 1, it takes 4.5). {better} is close and reads well."
        )
    return colour


class ClinicForm(Form):
    """The clinic's profile as edited."""

    name: Line
    tagline: Line
    address: Annotated[OptionalWords, StringConstraints(max_length=400)] = ""
    phone: Phone
    whatsapp: OptionalPhone = ""
    email: Email
    opening_hours: Annotated[OptionalWords, StringConstraints(max_length=400)] = ""
    emergency_number: Annotated[str, StringConstraints(pattern=r"^[0-9+ ]{2,20}$")]
    time_zone: Zone
    currency: Annotated[str, StringConstraints(to_upper=True, pattern=r"^[A-Za-z]{3}$")]
    accent: Annotated[str, AfterValidator(_accent)]
