"""Every setting of the portal, read once from `PORTAL_*` environment variables. Nobody else reads the environment."""

import contextlib
import secrets
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Mode(StrEnum):
    """How strict the portal is: `demo` makes its own key and people, `production` refuses unsafe defaults."""

    DEMO = "demo"
    PRODUCTION = "production"


class MailTransport(StrEnum):
    """Where outgoing mail goes."""

    CONSOLE = "console"
    FOLDER = "folder"
    SMTP = "smtp"


class SettingsError(Exception):
    """A setting is missing or unsafe; the text names the variable and the way out."""


Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """Frozen settings. Times are seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", frozen=True, extra="ignore")

    mode: Mode = Mode.PRODUCTION
    secret_key: SecretStr | None = None
    data: Path = Path("data")
    uploads: Path = Path("uploads")
    database_url: SecretStr | None = None
    host: str = "127.0.0.1"
    port: Port = 8000
    url: str = ""
    workers: int = Field(default=1, ge=1, le=64)
    threads: int = Field(default=12, ge=2, le=200)
    jobs_in_web: bool = True
    storage: str = "local"
    trust_proxy: bool = False
    mail: MailTransport = MailTransport.FOLDER
    mail_from: str = "portal@example.test"
    smtp_host: str = "localhost"
    smtp_port: Port = 25
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    smtp_tls: bool = True
    staff_idle_minutes: int = Field(default=15, ge=1, le=720)
    client_idle_minutes: int = Field(default=30, ge=1, le=720)
    sign_in_hours: int = Field(default=12, ge=1, le=72)
    password_memory_kib: int = Field(default=19456, ge=64)
    password_rounds: int = Field(default=2, ge=1)
    metrics_token: SecretStr | None = None
    log_level: str = "INFO"

    @field_validator("url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def is_demo(self) -> bool:
        return self.mode is Mode.DEMO

    @property
    def base_url(self) -> str:
        """The address people type, without a trailing slash; links in e-mail start with it."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return self.url or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def sqlalchemy_url(self) -> str:
        """The database address; SQLite inside the data folder unless `PORTAL_DATABASE_URL` says otherwise."""
        if self.database_url is None:
            return f"sqlite:///{self.data.resolve() / 'portal.sqlite3'}"
        url = self.database_url.get_secret_value()
        return url.replace("postgres://", "postgresql://", 1)

    @cached_property
    def master_key(self) -> bytes:
        """The secret every other key is derived from. Raises SettingsError where none was given outside demo mode."""
        if self.secret_key is not None:
            return self._long_enough(self.secret_key.get_secret_value())
        if not self.is_demo:
            message = (
                "PORTAL_SECRET_KEY is not set. Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
            raise SettingsError(message)
        return self._demo_key(self.data / "secret.key")

    @staticmethod
    def _long_enough(key: str) -> bytes:
        if len(key) < 32 or len(set(key)) < 8:  # noqa: PLR2004
            message = "PORTAL_SECRET_KEY is too short or too simple: use at least 32 random characters."
            raise SettingsError(message)
        return key.encode()

    @staticmethod
    def _demo_key(path: Path) -> bytes:
        """Made at the first start; of two first starts at once, one key wins whole."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = path.with_name(f".{secrets.token_hex(8)}")
            new.touch(mode=0o600)
            new.write_text(secrets.token_hex(32))
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(new)
            new.unlink()
        return path.read_bytes().strip()

    def checked(self) -> Self:
        """Return self, or raise SettingsError when something would be unsafe to serve with."""
        _ = self.master_key
        if (
            not self.is_demo
            and not self.is_https
            and urlsplit(self.base_url).hostname not in {"127.0.0.1", "localhost", "::1"}
        ):
            message = "PORTAL_URL must start with https:// outside demo mode, so that sign-in cookies stay private."
            raise SettingsError(message)
        return self
