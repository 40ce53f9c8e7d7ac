"""What `cxscore doctor` looks at: settings, places that must be readable or writable, the judge's endpoint, the lake.

Examines and reports; changes nothing and spends nothing. Secrets are shown as set or not set, never as they are.
"""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import sqlalchemy as sa
from pydantic import SecretStr
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError
from upath import UPath

from expectations.schemas.tables import LAKE_TABLES
from orchestration.judges import gate_complaint, scorer_in_use, scorer_of
from orchestration.lake import Lake
from orchestration.publish import MARTS_FILE
from orchestration.settings import SettingError, Settings, setting_names
from orchestration.shadows import shadows_of
from orchestration.sources.chosen import greet
from orchestration.sources.protocol import SourceError
from orchestration.workspaces import Workspace, champion_of, sources_of, workspaces_of
from scoring_ops.cache import complaint

OPENAI_URL = "https://api.openai.com/v1"


class Finding(NamedTuple):
    """One thing examined: what it is, whether it is as it should be, and what was seen."""

    what: str
    ok: bool
    detail: str


def settings_table(settings: Settings) -> Table:
    """Every setting with its value and whether it was given or is the default."""
    table = Table(title="Settings", title_justify="left")
    for name in ("setting", "value", ""):
        table.add_column(name)
    for field, name in zip(type(settings).model_fields, setting_names(), strict=True):
        value = getattr(settings, field)
        shown = "(set, hidden)" if isinstance(value, SecretStr) else "-" if value is None else str(value)
        table.add_row(name, _without_password(shown), "environment" if os.environ.get(name) else "")
    return table


def examine(settings: Settings, *, checksums: bool = False, call: bool = False) -> list[Finding]:
    """Everything a run needs, examined; what costs time (checksums) or money (calls) only on request."""
    return [
        _home(settings.home),
        *_sources(settings),
        _scorer(settings),
        *_shadows(settings),
        *(_called(settings) if call else _endpoints(settings)),
        _cache(settings.cache_url),
        _warehouse(settings.warehouse_path),
        _published(settings.published_dir),
        *_lake(settings.lake_url, checksums=checksums),
    ]


def _home(home: Path) -> Finding:
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    return Finding("home", os.access(nearest, os.W_OK), f"{home} ({'exists' if home.exists() else 'made when needed'})")


def _sources(settings: Settings) -> Iterator[Finding]:
    try:
        sources = sources_of(settings)
        named = workspaces_of(settings)
    except SettingError as error:
        yield Finding("workspaces", ok=False, detail=str(error))
        return
    for one in sources:
        what = "source" if one is settings else f"source of {one.workspace_id}"
        path = UPath(one.files_path or "")
        if one.source == "files":
            yield Finding(what, path.exists(), f"files at {path}")
        elif one.source != "demo":
            yield _helpdesk(what, one)
        else:
            yield Finding(what, ok=True, detail=f"{one.source}, built in")
    for workspace in named:
        yield _champion(workspace, settings)


def _helpdesk(what: str, settings: Settings) -> Finding:
    """One request that needs the token, tried once."""
    try:
        return Finding(what, ok=True, detail=greet(settings))
    except SourceError as error:
        return Finding(what, ok=False, detail=str(error))


def _champion(workspace: Workspace, settings: Settings) -> Finding:
    what = f"workspace {workspace.id}"
    try:
        champion = champion_of(workspace, settings).scorer_version
    except SettingError as error:
        return Finding(what, ok=False, detail=str(error))
    return Finding(what, ok=True, detail=f"{workspace.timezone or settings.timezone}, champion {champion}")


def _scorer(settings: Settings) -> Finding:
    try:
        scorer = scorer_in_use(settings)
    except SettingError as error:
        return Finding("scorer", ok=False, detail=str(error))
    validated = "validated" if scorer.is_validated else f"{gate_complaint(settings, scorer)}: scores are unvalidated"
    return Finding("scorer", ok=True, detail=f"{scorer.scorer_version} ({validated})")


def _shadows(settings: Settings) -> Iterator[Finding]:
    try:
        for one in shadows_of(settings):
            yield Finding("shadow", ok=True, detail=scorer_of(one).scorer_version)
    except SettingError as error:
        yield Finding("shadow", ok=False, detail=str(error))


def _endpoints(settings: Settings) -> Iterator[Finding]:
    if settings.judge != "openai":
        return
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    for url in settings.endpoints or (OPENAI_URL,):
        try:
            models = f"{url.rstrip('/')}/models"
            answer = httpx.get(models, headers={"Authorization": f"Bearer {key}"} if key else {}, timeout=10)
        except httpx.HTTPError as error:
            yield Finding("endpoint", ok=False, detail=f"{url}: {type(error).__name__}")
        else:
            yield Finding("endpoint", answer.is_success, f"{url}: HTTP {answer.status_code}")


def _called(settings: Settings) -> Iterator[Finding]:
    from orchestration.endpoint_call import call_endpoints  # noqa: PLC0415  the SDK takes a second to import
    from scoring_ops.judges.openai import OpenAIJudge  # noqa: PLC0415

    try:
        judge = scorer_in_use(settings).judge
    except SettingError:  # a finding of its own
        return
    if not isinstance(judge, OpenAIJudge):
        yield Finding("endpoint", ok=True, detail=f"judge {settings.judge} calls nobody")
        return
    for url, is_well, detail in call_endpoints(judge):
        yield Finding("endpoint", is_well, f"{url}: {detail}")


def _cache(url: str) -> Finding:
    database = sa.make_url(url)
    name = database.render_as_string(hide_password=True)
    if database.get_backend_name() == "sqlite" and not Path(database.database or "").exists():
        return Finding("cache", ok=True, detail=f"{name} (made when needed)")
    try:
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            tables = set(sa.inspect(connection).get_table_names())
            answers = connection.execute(sa.text("select count(*) from answers")).scalar_one() if tables else 0
        engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        return Finding("cache", ok=False, detail=f"{name}: {complaint(error)}")
    return Finding("cache", ok=True, detail=f"{name}, {answers:,} answers")


def _warehouse(path: Path) -> Finding:
    if not path.exists():
        return Finding("warehouse", ok=True, detail=f"{path} (made when needed)")
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # what dbt will ask for; released at once
        except OSError:
            return Finding("warehouse", ok=False, detail=f"{path}: another process holds it open, which blocks dbt")
    return Finding("warehouse", ok=True, detail=f"{path}, {path.stat().st_size / 1e6:.1f} MB")


def _published(folder: Path) -> Finding:
    marts = folder / MARTS_FILE
    return Finding("published marts", ok=True, detail=str(marts) if marts.exists() else f"{marts} (not yet)")


def _lake(url: str, *, checksums: bool) -> Iterator[Finding]:
    lake = Lake(url)
    if not lake.root.exists():
        yield Finding("lake", ok=True, detail=f"{url} (made when needed)")
        return
    for table in LAKE_TABLES:
        checksum = f", checksum {lake.checksum(table)[:16]}" if checksums else ""
        yield Finding(f"lake {table}", ok=True, detail=f"{lake.rows(table):,} rows{checksum}")


def _without_password(value: str) -> str:
    return sa.make_url(value).render_as_string(hide_password=True) if "://" in value and "@" in value else value
