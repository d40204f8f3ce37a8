"""Kinds of answers several forms ask for: phone numbers (E.164), time zones, e-mail addresses."""

from typing import Annotated
from zoneinfo import available_timezones

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints


def phone_number(text: str) -> str:
    """A number as typed → E.164; the country must be in it (+49 …). Raises ValueError with a sentence."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise ValueError("Please start with the country code, for example +49 30 1234567.") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("This does not look like a phone number. Please check the digits.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email_address(text: str) -> str:
    """An address as typed → lower case, normalised. Whether it exists shows when its link is followed."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError("Please check this e-mail address, for example name@example.org.") from error


def _optional_phone(text: str) -> str:
    return phone_number(text) if text else ""


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("Please choose a time zone from the list, for example Europe/Berlin.")
    return text


Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), AfterValidator(phone_number)
]
OptionalPhone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_optional_phone)]
Zone = Annotated[str, StringConstraints(max_length=60), AfterValidator(_zone)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254), AfterValidator(email_address)
]
