"""`cxscore postgres`: the lake and the marts in a PostgreSQL database. The command only parses, calls and prints."""

from typing import Annotated

import typer

from orchestration.console import FAILED, WRONG_USE, err, out, read_settings


def postgres(
    *,
    build: Annotated[bool, typer.Option(help="Build and test the marts there, or only load the lake.")] = True,
) -> None:
    """Loads the whole lake into CX_POSTGRES_URL and builds the marts there, in the schemas `lake` and `cx_score`."""
    from orchestration.dbt import DbtError, build_in_postgres, prepare_lake  # noqa: PLC0415  Dagster takes seconds
    from orchestration.lake import Lake  # noqa: PLC0415
    from orchestration.postgres import PostgresError, load_lake  # noqa: PLC0415

    with read_settings() as settings:
        if settings.postgres_url is None:
            err.print(
                "[red]wrong setting[/] CX_POSTGRES_URL: must be set: postgresql://user:password@host:5432/database"
            )
            raise typer.Exit(WRONG_USE)
        lake = Lake(settings.lake_url)
        try:
            with err.status("loading the lake") as status:
                prepare_lake(settings, lake)
                rows = load_lake(lake, settings.postgres_url.get_secret_value(), status.update)
                out.print("Loaded " + ", ".join(f"{count:,} {table}" for table, count in rows.items()) + ".")
                if build:
                    status.update("building the marts")
                    build_in_postgres(settings)
                    out.print("Built and tested the marts in the schema cx_score.")
        except (DbtError, PostgresError) as error:
            err.print(f"[red]failed[/] {error}", highlight=False, markup=True, soft_wrap=True)
            raise typer.Exit(FAILED) from None
