"""What may be written."""

from portal.kit.forms import Form, Words


class MessageForm(Form):
    """A message of 1 to 4,000 characters."""

    body: Words
