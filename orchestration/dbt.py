"""dbt as Dagster sees it: environment, manifest and translation of names. Models themselves live in dbt_project/.

dbt runs as a process of its own and is the only writer of the warehouse. The manifest is built once, when it is
older than the dbt sources, and never as a side effect of an import. DuckDB is what Dagster builds, audits and
publishes; the same models build in PostgreSQL through `build_in_postgres`.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import dagster as dg
from dagster_dbt import DagsterDbtTranslator
from sqlalchemy.engine import make_url

from expectations.schemas.tables import LAKE_TABLES
from orchestration.keys import lake_key
from orchestration.lake import Lake
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.workspaces import workspace_rows
from scoring_ops.cache import open_cache
from scoring_ops.ledger import ledger_days

PROJECT_DIR = PROJECT_ROOT / "dbt_project"
SOURCE_SUFFIXES = {".sql", ".yml", ".yaml", ".csv"}


class DbtError(Exception):
    """dbt failed; the message holds the end of what it printed."""


class Mart(NamedTuple):
    """A published model: its name and the folder it stands in below `models/marts`."""

    name: str
    area: str


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The environment variables that the dbt project reads, from the settings."""
    return {
        "CX_LAKE_URL": settings.lake_url,
        "CX_WAREHOUSE_PATH": str(settings.warehouse_path),
        "DBT_TARGET_PATH": str(settings.dbt_dir / "target"),
        "DBT_LOG_PATH": str(settings.dbt_dir / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
        "DO_NOT_TRACK": "1",
        **_postgres_environment(settings),
    }


def _postgres_environment(settings: Settings) -> dict[str, str]:
    """What the target `postgres` reads: libpq's names, and a password that dbt keeps out of its logs."""
    if settings.postgres_url is None:
        return {}
    url = make_url(settings.postgres_url.get_secret_value())
    given = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "DBT_ENV_SECRET_PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def dbt_executable() -> Path:
    """The dbt command of this interpreter's environment."""
    return Path(sys.executable).with_name("dbt")


def ensure_manifest(settings: Settings) -> Path:
    """The path of a manifest that is no older than the dbt sources; parses the project where it has to.

    Raises:
        DbtError: the project does not parse.
    """
    manifest = settings.dbt_dir / "target" / "manifest.json"
    settings.dbt_dir.mkdir(parents=True, exist_ok=True)
    with (settings.dbt_dir / "manifest.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # `dagster dev` starts several processes that all load the definitions
        if not manifest.exists() or manifest.stat().st_mtime < _newest_source():
            _run_dbt(settings, "parse")
    return manifest


def marts(manifest: Path) -> tuple[Mart, ...]:
    """The models under `models/marts`, by name."""
    nodes: Mapping[str, Mapping[str, object]] = json.loads(manifest.read_bytes())["nodes"]
    found: list[Mart] = []
    for node in nodes.values():
        folders = node.get("fqn")
        if node["resource_type"] == "model" and isinstance(folders, list) and "marts" in folders:
            area = str(folders[folders.index("marts") + 1])  # pyright: ignore[reportUnknownArgumentType]
            found.append(Mart(str(node["name"]), area))
    return tuple(sorted(found))


class CxDbtTranslator(DagsterDbtTranslator):
    """Lake tables keep their asset keys; a model's group is the layer or mart area it stands in."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, object]) -> dg.AssetKey:
        """Sources are the lake's assets; models and seeds go by their name."""
        name = str(dbt_resource_props["name"])
        if dbt_resource_props["resource_type"] == "source":
            return lake_key(next(table for table in LAKE_TABLES if table == name))
        return dg.AssetKey([name])

    def get_group_name(self, dbt_resource_props: Mapping[str, object]) -> str | None:
        """staging, intermediate, seeds, or the mart's area (cx, csat, routing, operations)."""
        folders = dbt_resource_props.get("fqn")
        if dbt_resource_props["resource_type"] == "seed" or not isinstance(folders, list):
            return "seeds"
        names = [str(folder) for folder in folders]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return names[names.index("marts") + 1] if "marts" in names else names[1]


def prepare_lake(settings: Settings, lake: Lake) -> None:
    """Writes the lake tables that belong to no day, just before dbt reads them.

    `workspaces` tells time zones and champions; `ledger` what judges were asked and paid, read from the cache.

    Raises:
        SettingError: a champion that cannot be used.
    """
    lake.initialise()
    lake.write_table("workspaces", lake.frame("workspaces", workspace_rows(settings)))
    with open_cache(settings.cache_url) as answers:
        lake.write_table("ledger", lake.frame("ledger", ledger_days(answers)))


def build_in_postgres(settings: Settings) -> None:
    """Builds and tests every model in PostgreSQL, from the lake as it was last loaded there.

    Raises:
        DbtError: a model or a test failed.
    """
    # Unit tests prove the models, not the data: they belong to the project's tests.
    _run_dbt(settings, "build", "--target", "postgres", "--exclude-resource-type", "unit_test", target="postgres")


def _newest_source() -> float:
    files = (path for path in PROJECT_DIR.rglob("*") if path.suffix in SOURCE_SUFFIXES)
    return max(path.stat().st_mtime for path in files)


def _run_dbt(settings: Settings, *arguments: str, target: str = "") -> None:
    command = [str(dbt_executable()), "--no-use-colors", *arguments, "--project-dir", str(PROJECT_DIR)]
    environment = {
        **os.environ,
        **dbt_environment(settings),
        "DBT_TARGET_PATH": str(settings.dbt_dir / "target" / target),
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  our own dbt, fixed arguments
    if done.returncode:
        raise DbtError(f"dbt {arguments[0]} failed:\n{done.stdout[-4000:]}{done.stderr[-1000:]}")
