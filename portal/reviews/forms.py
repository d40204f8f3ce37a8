"""What a practitioner may say."""

from pydantic import ValidationInfo, field_validator

from portal.kit.forms import Form, OptionalWords


class ReviewForm(Form):
    """At least one of the two: a reply for the client, a note for the team."""

    reply: OptionalWords = ""
    private_note: OptionalWords = ""

    @field_validator("private_note")
    @classmethod
    def _something(cls, note: str, info: ValidationInfo) -> str:
        if not note and not info.data.get("reply"):
            raise ValueError("Please write a reply, a private note, or both.")
        return note
