"""What may be submitted about an account. Password fields are never trimmed."""

from typing import Annotated

from pydantic import StringConstraints

from portal.accounts.rules import Role
from portal.kit.fields import Email, OptionalPhone, Zone
from portal.kit.forms import Form, Line, OptionalLine, Tick

Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1000)]


class SignInForm(Form):
    """E-mail and password."""

    email: Email
    password: Password


class RegisterForm(Form):
    """Who would like an account; the password is set by the link that is sent. `website` is a trap for bots."""

    name: Line
    email: Email
    website: OptionalLine = ""


class EmailForm(Form):
    """Just an address."""

    email: Email


class NewPasswordForm(Form):
    """A first or a forgotten password."""

    password: Password


class ChangePasswordForm(Form):
    """The old one and the new one."""

    current: Password
    password: Password


class ChangeEmailForm(Form):
    """A new address, and the password as proof."""

    email: Email
    proof: Password


class ProfileForm(Form):
    """What a person may change about themself."""

    name: Line
    phone: OptionalPhone = ""
    time_zone: Zone | None = None


class TeamForm(Form):
    """A new member of the team."""

    name: Line
    email: Email
    title: OptionalLine = ""
    role: Role
    also_admin: Tick = False
