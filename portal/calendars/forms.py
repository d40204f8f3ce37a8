"""What may be submitted about a calendar address, and what the address of a sheet may say."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from portal.calendars.rules import Detail
from portal.kit.forms import Form


class FeedForm(Form):
    """How much the address tells."""

    detail: Detail = Detail.PLAIN


@dataclass(frozen=True, slots=True)
class Asked:
    """A sheet as its address names it, as text. What cannot be read counts as not said."""

    day: str = ""
    who: str = ""
    view: str = ""

    def day_or(self, today: date) -> date:
        """The day asked for, within two centuries."""
        try:
            day = date.fromisoformat(self.day)
        except ValueError:
            return today
        return day if date(2000, 1, 2) < day < date(2200, 1, 1) else today

    def monday_or(self, today: date) -> date:
        """The Monday of that week."""
        day = self.day_or(today)
        return day - timedelta(days=day.weekday())

    @property
    def by_room(self) -> bool:
        return self.view == "rooms"

    @property
    def only_mine(self) -> bool:
        return self.who == "mine"

    @property
    def subject(self) -> UUID | None:
        """A practitioner or a room."""
        try:
            return UUID(self.who)
        except ValueError:
            return None
