"""One project, several engines: the demo month's marts are the same in PostgreSQL as in DuckDB.

The database sorts as people in the United States do, not by bytes: a mart must not hang on a server's language.
"""

from collections.abc import Iterator
from uuid import uuid4

import dagster as dg
import duckdb
import jinja2
import polars as pl
import pytest
import sqlalchemy as sa

from orchestration.defs.postgres.assets import postgres
from orchestration.resources import lake, settings
from orchestration.settings import load_settings
from tests.dbt.build import MARTS, PROJECT, Warehouse, dbt_build
from tests.dbt.demo_lake import add_reviews, demo_lake
from tests.dbt.parity import disagreements
from tests.dbt.semantic_layer import measures_of_conversations, ratios
from tests.fakes.scorers import harsher_card


@pytest.fixture(scope="module")
def american_database(postgres_server: str) -> str:
    """A database of its own, in the collation of a language."""
    name = f"parity_{uuid4().hex}"
    engine = sa.create_engine(f"{postgres_server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"create database {name} template template0 locale_provider icu icu_locale 'en-US'"))
    engine.dispose()
    return f"{postgres_server}/{name}"


@pytest.fixture(scope="module")
def demo_month(american_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The demo month as DuckDB holds it; PostgreSQL holds it too."""
    home = tmp_path_factory.mktemp("month")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_HOME", str(home))
        patch.setenv("CX_POSTGRES_URL", american_database.replace("+pg8000", ""))
        patch.setenv("CX_SHADOW_SCORERS", str(harsher_card(home / "harsh")))
        add_reviews(demo_lake(load_settings(), weeks=4))
        resources = {"settings": dg.ResourceDefinition(settings), "lake": dg.ResourceDefinition(lake)}
        assets = [asset for asset in postgres().assets or () if isinstance(asset, dg.AssetsDefinition)]
        assert dg.materialize(assets, resources=resources).success
    yield dbt_build(home, "--exclude-resource-type", "unit_test", "test")


@pytest.mark.slow
@pytest.mark.parametrize("mart", MARTS)
def test_the_mart_is_the_same_in_postgres(mart: str, demo_month: Warehouse, american_database: str) -> None:
    with duckdb.connect(str(demo_month.path), read_only=True) as connection:
        ours = pl.DataFrame(connection.table(mart).to_arrow_table())
    engine = sa.create_engine(american_database)
    with engine.connect() as connection:
        found = connection.execute(sa.text(f"select * from cx_score.{mart}"))
        assert list(found.keys()) == ours.columns
        theirs = pl.DataFrame([tuple(row) for row in found], schema=ours.schema, orient="row")
    engine.dispose()
    assert ours.height > 0
    assert disagreements(ours, theirs) == []


@pytest.mark.slow
def test_the_semantic_layer_gives_the_numbers_of_the_reports(demo_month: Warehouse) -> None:
    report = demo_month.rows("select * from rpt_cx_weekly") + demo_month.rows("select * from rpt_ai_agent_weekly")
    columns = {name: f"{sql} as {name}" for name, sql in measures_of_conversations().items()}
    weeks = demo_month.rows(
        f"select workspace_id, week_start, {', '.join(columns.values())} from fct_conversations group by all"
    )
    by_week = {(week["workspace_id"], week["week_start"]): week for week in weeks}
    compared: set[str] = set()
    for shown in report:
        week = by_week[shown["workspace_id"], shown["week_start"]]
        values = week | {name: week[over] / week[under] for name, (over, under) in ratios().items() if week[under]}
        both = {name for name in values.keys() & shown.keys() if shown[name] is not None}
        assert {name: values[name] for name in both} == pytest.approx({name: shown[name] for name in both})
        compared |= both
    assert compared >= ratios().keys() - {"csat_score", "ai_csat_score"}  # a week of the demo has few ratings
    assert compared >= measures_of_conversations().keys()


@pytest.mark.slow
def test_white_space_is_what_python_strips(postgres_server: str) -> None:
    macros = (PROJECT / "macros" / "text.sql").read_text(encoding="utf-8")
    has_text = jinja2.Environment(autoescape=False).from_string(macros + "{{ postgres__has_text('chr(n)') }}").render()
    points = "generate_series(1, 1114111) as points (n) where n not between 55296 and 57343"  # surrogates are no text
    engine = sa.create_engine(f"{postgres_server}/postgres")
    with engine.connect() as connection:
        found = connection.execute(sa.text(f"select n from {points} and not ({has_text.replace(':', chr(92) + ':')})"))
        blank = {n for (n,) in found}
    engine.dispose()
    assert blank == {n for n in range(1, 0x110000) if chr(n).isspace()}


def test_a_difference_between_engines_is_named() -> None:
    ours = pl.DataFrame({"topic": ["a", "b", "b"], "rate": [0.5, None, 0.1], "n": [1, 2, 3]})
    assert disagreements(ours, ours.reverse()) == []
    assert disagreements(ours, ours.with_columns(pl.col("rate") + 1e-12)) == []
    assert disagreements(ours, ours.with_columns(pl.col("rate") + 1e-6)) == [
        "rate: 2 of 3 rows differ, such as 0.5 and 0.500001"
    ]
    assert disagreements(ours, ours.with_columns(pl.col("rate").fill_null(0.0)))[0].startswith("rate: 1 of 3")
    assert disagreements(ours, ours.with_columns(n=pl.lit(3)))[0].startswith("n: 2 of 3")
    assert disagreements(ours, ours.head(2)) == ["rows: 3 and 2"]
    assert disagreements(ours, ours.drop("n"))[0].startswith("columns")
