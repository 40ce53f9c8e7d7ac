"""`make dev`: the Dagster UI and daemon on the instance under CX_HOME, with the manifest built beforehand."""

import os
import sys
from pathlib import Path

from orchestration.dbt import DbtError, dbt_environment, ensure_manifest
from orchestration.instance import install_dagster_home
from orchestration.settings import PROJECT_ROOT, SettingError, load_settings


def dev(arguments: list[str]) -> None:
    """Replaces this process by `dg dev`, so that Ctrl-C ends everything."""
    try:
        settings = load_settings()
        ensure_manifest(settings)
    except (SettingError, DbtError) as error:
        sys.exit(str(error))
    install_dagster_home(settings)
    os.environ.update(dbt_environment(settings), DAGSTER_HOME=str(settings.dagster_home))
    os.chdir(PROJECT_ROOT)
    command = str(Path(sys.executable).with_name("dg"))
    os.execv(command, [command, "dev", *arguments])  # noqa: S606  our own dg, no shell


if __name__ == "__main__":
    dev(sys.argv[1:])
