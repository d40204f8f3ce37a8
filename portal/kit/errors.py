"""What can go wrong on purpose. Each becomes one page in the house style.

PortalError
├── NotFound     404  there is no such thing, or it is not yours: the two look alike
├── NotAllowed   403  signed in, but in the wrong role
├── SignInNeeded 303  not signed in: to the sign-in page and back
├── Refused      409  a rule or the state says no: a sentence for a person, with the way out
│   └── Incomplete    what was typed is not enough, or forbidden: a sentence for each field
├── TooMany      429  a limit; says when to try again
├── TooLarge     413  more bytes than are taken
└── Unavailable  503  the world outside is down; nothing was half-written
"""


class PortalError(Exception):
    """A refusal with a sentence a person can read. `way_out` is (label, href) of the next step, if there is one."""

    status = 500
    title = "Something went wrong"
    retry_after: int | None = None
    """Seconds after which a program may try again by itself."""

    def __init__(self, sentence: str, way_out: tuple[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.way_out = way_out


class NotFound(PortalError):  # noqa: N818 - reads as the sentence it is
    """404."""

    status = 404
    title = "We could not find that"

    def __init__(self, sentence: str = "There is no such page.", way_out: tuple[str, str] | None = None) -> None:
        super().__init__(sentence, way_out)


class NotAllowed(PortalError):  # noqa: N818
    """403."""

    status = 403
    title = "This page is not for your account"


class SignInNeeded(PortalError):  # noqa: N818
    """Leads to the sign-in page."""

    status = 401
    title = "Please sign in"


class Refused(PortalError):  # noqa: N818
    """409."""

    status = 409
    title = "That is not possible right now"


class Incomplete(Refused):
    """409, or a sentence beside each field that is missing or contradicts another: {field: sentence} in `problems`."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(next(iter(problems.values())))
        self.problems = problems


class TooMany(PortalError):  # noqa: N818
    """429."""

    status = 429
    title = "Please wait a moment"


class TooLarge(PortalError):  # noqa: N818
    """413."""

    status = 413
    title = "That is too large to send"


class Unavailable(PortalError):  # noqa: N818
    """503."""

    status = 503
    title = "We cannot do that this minute"
    retry_after = 10


def refuse_incomplete(problems: dict[str, str]) -> None:
    """Raise Incomplete where there is a problem."""
    if problems:
        raise Incomplete(problems)
