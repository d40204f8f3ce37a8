"""What a stranger may send us, and what staff may change."""

from pydantic import ValidationInfo, field_validator

from portal.enquiries.rules import Part, Status, Way
from portal.kit.fields import Email, OptionalPhone
from portal.kit.forms import Form, Line, MustTick, OptionalLine, Words


class EnquiryForm(Form):
    """An enquiry. `website` is a trap for bots: people do not see it."""

    name: Line
    email: Email
    question: Words
    way: Way
    part: Part = Part.ANY
    phone: OptionalPhone = ""
    consent: MustTick = False
    website: OptionalLine = ""

    @field_validator("phone")
    @classmethod
    def _reachable(cls, phone: str, info: ValidationInfo) -> str:
        if not phone and info.data.get("way", Way.EMAIL) is not Way.EMAIL:
            raise ValueError("To call you or write on WhatsApp we need your number.")
        return phone


class StatusForm(Form):
    """A new status."""

    status: Status
