"""Two real calendar programs: vdirsyncer keeps a copy of a feed in a folder, khal shows what stands in it.

Both run as processes of their own, with a home of their own, and know of the portal only its address.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

BIN = Path(sys.executable).parent
SECONDS = 60

_SYNC = """\
[general]
status_path = "{home}/status"

[pair feed]
a = "portal"
b = "folder"
collections = null
conflict_resolution = "a wins"

[storage portal]
type = "http"
url = "{url}"

[storage folder]
type = "filesystem"
path = "{home}/calendar"
fileext = ".ics"
"""
_KHAL = """\
[calendars]
[[portal]]
path = {home}/calendar
readonly = True

[locale]
local_timezone = UTC
default_timezone = UTC
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M

[sqlite]
path = {home}/khal.db
"""


@dataclass(frozen=True)
class CalendarUser:
    """Somebody's calendar, in one folder, that follows one address."""

    home: Path
    url: str

    def __post_init__(self) -> None:
        (self.home / "calendar").mkdir()
        (self.home / "sync").write_text(_SYNC.format(home=self.home, url=self.url))
        (self.home / "khal").write_text(_KHAL.format(home=self.home))
        self._run("vdirsyncer", "-c", str(self.home / "sync"), "discover")

    def sync(self) -> None:
        """Fetch the feed. Raises when the program does not like it."""
        self._run("vdirsyncer", "-c", str(self.home / "sync"), "sync")

    def listed(self, first: date, last: date) -> list[str]:
        """What khal shows: a line each, “2026-05-20 10:00 Appointment”, and “CANCELLED” before what is off."""
        line = "{cancelled}{start-date} {start-time} {title}"
        args = ("list", "--format", line, "--day-format", "", "--notstarted", str(first), str(last))
        out = self._run("khal", "-c", str(self.home / "khal"), *args)
        return [one.strip() for one in out.splitlines() if one.strip() and "No events" not in one]

    def files(self) -> list[str]:
        """The files in the folder as they are."""
        return [path.read_text() for path in sorted((self.home / "calendar").glob("*.ics"))]

    def _run(self, program: str, *args: str) -> str:
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", "TZ": "UTC"}
        done = subprocess.run(
            [BIN / program, *args], env=env, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if done.returncode:
            message = f"{program} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
            raise RuntimeError(message)
        return done.stdout
