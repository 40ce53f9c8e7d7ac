"""Every setting of the platform, read from the environment and `.env` when asked for, never at import.

This is the only place that reads CX_ variables. A wrong setting is a `SettingError` with one line that names it,
raised before any work. Secrets are `SecretStr`: they do not show in logs, reprs or errors.
"""

import difflib
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from scoring_ops.windows import LEAST_TOKENS, WINDOW_TOKENS

PROJECT_ROOT = Path(__file__).resolve().parents[1]
ENV_FILE = PROJECT_ROOT / ".env"
PREFIX = "CX_"


class SettingError(ValueError):
    """A setting that is missing, unknown or wrong; the message is one line that names it."""


class Settings(BaseSettings):
    """The settings of one run. Names in the environment are the field names in capitals with the prefix CX_."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    home: Path = PROJECT_ROOT / ".cx"
    lake_url: str = ""
    warehouse_path: Path = Path()
    published_dir: Path = Path()
    cache_url: str = ""
    postgres_url: SecretStr | None = None
    dagster_home: Path = Field(default=Path(), validation_alias="DAGSTER_HOME")

    source: Literal["demo", "files", "intercom", "zendesk"] = "demo"
    files_path: str | None = None
    intercom_token: SecretStr | None = None
    intercom_region: Literal["us", "eu", "au"] = "us"
    intercom_base_url: str | None = None
    zendesk_base_url: str | None = None
    zendesk_email: str | None = None
    zendesk_token: SecretStr | None = None
    zendesk_ai_agents: str = ""
    keep_raw: bool = False
    refetch: bool = False
    write_back: bool = False
    workspace_id: str = Field(default="demo", min_length=1)
    timezone: str = "UTC"
    workspaces: Path | None = None
    start_date: date = date(2010, 1, 1)

    judge: Literal["local", "openai", "replay"] = "local"
    replay_judge: Literal["local", "openai"] = "local"
    model: str | None = None
    scorer: Path | None = None
    eligibility: Literal["inclusive", "strict"] = "inclusive"
    shadow_scorers: str = ""
    release_gate: Literal["warn", "enforce"] = "warn"
    labels: Path | None = None

    max_concurrency: int = Field(default=64, ge=1)
    rpm: int | None = Field(default=None, ge=1)
    tpm: int | None = Field(default=None, ge=1)
    timeout_seconds: float = Field(default=120.0, gt=0)
    window_tokens: int = Field(default=WINDOW_TOKENS, ge=LEAST_TOKENS)
    executor: Literal["in_process", "multiprocess"] = "in_process"
    chunks_per_day: int = Field(default=1, ge=1, le=1000)
    budget_usd_per_run: float | None = Field(default=None, gt=0)
    budget_usd_per_day: float | None = Field(default=None, gt=0)

    openai_api_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("OPENAI_API_KEY"))
    openai_base_url: str | None = Field(default=None, validation_alias=AliasChoices("OPENAI_BASE_URL"))

    @model_validator(mode="before")
    @classmethod
    def _paths_under_home(cls, values: dict[str, object]) -> dict[str, object]:
        """Everything a run writes lies under CX_HOME unless a setting says otherwise."""
        home = Path(str(values.get("home") or PROJECT_ROOT / ".cx")).expanduser().absolute()
        lake = str(values.get("lake_url") or home / "lake")
        return {
            **values,
            "home": home,
            "lake_url": lake if "://" in lake else str(Path(lake).expanduser().absolute()),
            "warehouse_path": _absolute(values.get("warehouse_path"), home / "warehouse.duckdb"),
            "published_dir": _absolute(values.get("published_dir"), home / "published"),
            "workspaces": _workspaces_file(values.get("workspaces")),
            "labels": _given_path(values.get("labels")),
            "cache_url": values.get("cache_url") or f"sqlite:///{home / 'cache.sqlite'}",
            "DAGSTER_HOME": _absolute(values.get("DAGSTER_HOME"), home / "dagster"),
        }

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        rules = (
            (self.timezone not in available_timezones(), f"CX_TIMEZONE: no such time zone {self.timezone!r}"),
            (
                not _is_database_url(self.cache_url),
                "CX_CACHE_URL: not an SQLAlchemy URL such as sqlite:///cache.sqlite",
            ),
            (
                self.postgres_url is not None and not _is_postgres_url(self.postgres_url.get_secret_value()),
                "CX_POSTGRES_URL: not a URL such as postgresql://user:password@host:5432/database",
            ),
            (self.source == "files" and not self.files_path, "CX_FILES_PATH: must be set where CX_SOURCE=files"),
            *helpdesk_rules(self),
            (
                self.judge_in_use == "openai" and not self.model,
                "CX_MODEL: must name a model where the judge is 'openai'",
            ),
            (
                self.judge == "openai" and not (self.openai_api_key or self.openai_base_url),
                "OPENAI_API_KEY: must be set where CX_JUDGE=openai (or OPENAI_BASE_URL for a server without keys)",
            ),
        )
        for broken, line in rules:
            if broken:
                raise ValueError(line)
        return self

    @property
    def judge_in_use(self) -> Literal["local", "openai"]:
        """The judge whose identity scores carry: the replayed one where CX_JUDGE=replay."""
        return self.replay_judge if self.judge == "replay" else self.judge

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The base URLs of OPENAI_BASE_URL, one or several with commas between them; none for OpenAI's own."""
        return tuple(url.strip() for url in (self.openai_base_url or "").split(",") if url.strip())

    @property
    def shadows(self) -> tuple[str, ...]:
        """The folders of CX_SHADOW_SCORERS."""
        return tuple(name.strip() for name in self.shadow_scorers.split(",") if name.strip())

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which weeks begin."""
        return ZoneInfo(self.timezone)

    @property
    def dbt_dir(self) -> Path:
        """Where dbt writes its target and logs."""
        return self.home / "dbt"


def helpdesk_rules(settings: Settings) -> Iterator[tuple[bool, str]]:
    """What a source that is asked over the network needs, and that no token goes out in clear."""
    needed = {
        "intercom": ("intercom_token",),
        "zendesk": ("zendesk_base_url", "zendesk_email", "zendesk_token"),
    }.get(settings.source, ())
    for name in needed:
        line = f"{PREFIX}{name.upper()}: must be set where CX_SOURCE={settings.source}"
        yield getattr(settings, name) is None, line
    for name in ("intercom_base_url", "zendesk_base_url"):
        url = getattr(settings, name)
        line = f"{PREFIX}{name.upper()}: not a URL such as https://acme.example.com; plain http only to this machine"
        yield url is not None and not _is_safe_url(url), line


def _is_safe_url(url: str) -> bool:
    parts = urlsplit(url)
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return bool(parts.hostname) and not parts.username and parts.scheme in ({"http", "https"} if is_here else {"https"})


def _is_database_url(url: str) -> bool:
    try:
        make_url(url)
    except ArgumentError:
        return False
    return True


def _is_postgres_url(url: str) -> bool:
    return _is_database_url(url) and make_url(url).drivername == "postgresql" and bool(make_url(url).database)


def _absolute(value: object, default: Path) -> Path:
    return Path(str(value)).expanduser().absolute() if value else default


def _given_path(value: object) -> Path | None:
    return Path(str(value)).expanduser().absolute() if value else None


def _workspaces_file(value: object) -> Path | None:
    """The file given, else `workspaces.yml` beside `.env` where there is one."""
    beside = ENV_FILE.with_name("workspaces.yml")
    return _given_path(value) or (beside if beside.exists() else None)


def load_settings() -> Settings:
    """The settings of this process: environment first, then `.env`, then defaults.

    Raises:
        SettingError: one line per wrong setting, naming it.
    """
    _reject_unknown()
    try:
        return Settings(_env_file=ENV_FILE)  # pyright: ignore[reportCallIssue]  # pydantic-settings' own argument
    except ValidationError as error:
        raise SettingError("; ".join(_line(dict(e)) for e in error.errors())) from None


def _line(error: dict[str, object]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    location = error["loc"]
    if not isinstance(location, tuple) or not location:
        return message
    name = str(location[0])  # pyright: ignore[reportUnknownArgumentType]
    return f"{name if name.isupper() else PREFIX + name.upper()}: {message}"


def setting_names() -> tuple[str, ...]:
    """The names of all settings as the environment spells them."""
    aliased = {"dagster_home": "DAGSTER_HOME", "openai_api_key": "OPENAI_API_KEY", "openai_base_url": "OPENAI_BASE_URL"}
    return tuple(aliased.get(name, PREFIX + name.upper()) for name in Settings.model_fields)


def _reject_unknown() -> None:
    """A misspelt setting would silently keep its default: refuse it instead."""
    known = setting_names()
    given = {*os.environ, *dotenv_values(ENV_FILE)}
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise SettingError(f"{name}: no such setting{hint}")
