"""What the dbt project says of itself: every mart under contract, every column described, every repeated list true.

Reads the project's files only; that the columns exist as described is what dbt's enforced contracts check.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from expectations.schemas.tables import LAKE_TABLES, LakeTable, polars_schema
from scoring_ops.claims import FaultKind, FeedbackKind, Policy, Severity, Sign
from scoring_ops.conversation import AgentMix, AuthorType, State
from scoring_ops.evidence import EvidenceKind, MatchKind
from scoring_ops.judges.protocol import Status
from scoring_ops.rubric.dimensions import Dimension
from scoring_ops.score import NEGATIVE_TO, POSITIVE_FROM, GroundsCode, ReasonSign
from tests.dbt.build import MARTS, PROJECT

MODELS = {path.stem: path for path in (PROJECT / "models").rglob("*.sql")}
DOC = re.compile(r"\{\{ doc\('(\w+)'\) \}\}")
STAGED = {f"stg_{area}__{table}": table for table in LAKE_TABLES for area in ("helpdesk", "scoring")}
REPEATED = [
    ("fct_conversations", "scoring_status", Status),
    ("fct_conversations", "agent_mix", AgentMix),
    ("fct_conversations", "agent_mix_at_score", AgentMix),
    ("fct_conversations", "state", State),
    ("fct_conversations", "initiated_by", AuthorType),
    ("fct_conversation_scores", "grounds_code", GroundsCode),
    ("fct_score_reasons", "dimension", Dimension),
    ("fct_score_reasons", "sign", ReasonSign),
    ("fct_score_reasons", "match_kind", MatchKind),
    ("fct_score_reasons", "evidence_kind", EvidenceKind),
    ("fct_feedback_items", "sign", Sign),
    ("fct_feedback_items", "kind", FeedbackKind | Policy),
    ("fct_feedback_items", "severity", Severity),
    ("rpt_process_faults_weekly", "fault", FaultKind),
]


def described(model: str) -> dict[str, Any]:
    (found,) = read(MODELS[model].with_suffix(".yml"))["models"]
    assert found["name"] == model
    return found


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def accepted(model: str, column: str) -> set[str]:
    (found,) = (c for c in described(model)["columns"] if c["name"] == column)
    (values,) = (test["accepted_values"] for test in found["data_tests"] if "accepted_values" in test)
    return set(values["arguments"]["values"])


def values_of(literal: object) -> Iterator[str]:
    for value in get_args(literal):
        yield from [value] if isinstance(value, str) else values_of(value)


def macro(name: str) -> int:
    text = (PROJECT / "macros" / "scores.sql").read_text(encoding="utf-8")
    (value,) = re.findall(rf"macro {name}\(\) -%\}} (\d+) \{{%- endmacro", text)
    return int(value)


def test_marts_are_under_contract():
    assert read(PROJECT / "dbt_project.yml")["models"]["cx_score"]["marts"]["+contract"] == {"enforced": True}
    for mart in MARTS:
        assert "contract" not in described(mart).get("config", {}), f"{mart} opts out"


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_model_and_each_of_its_columns_is_described(model: str):
    model_doc = described(model)
    assert model_doc["description"].strip()
    assert model_doc["columns"]
    for column in model_doc["columns"]:
        assert column.get("description", "").strip(), column["name"]
        assert model not in MARTS or column.get("data_type"), column["name"]


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_states_its_grain(mart: str):
    tests = described(mart).get("data_tests", [])
    unique = [column for column in described(mart)["columns"] if "unique" in column.get("data_tests", [])]
    assert unique or any("unique_combination" in test for test in tests)


@pytest.mark.parametrize("mart", [name for name in MARTS if name != "fct_conversation_scores"])  # it only selects
def test_a_mart_that_computes_has_a_unit_test(mart: str):
    tests = read(MODELS[mart].with_suffix(".yml")).get("unit_tests", [])
    assert {test["model"] for test in tests} == {mart}


@pytest.mark.parametrize("model", sorted(STAGED.keys() & MODELS.keys()))
def test_staging_takes_every_column_of_its_lake_table(model: str):
    table: LakeTable = STAGED[model]
    assert [column["name"] for column in described(model)["columns"]] == list(polars_schema(table))


def test_every_lake_table_is_a_source_and_is_staged():
    (lake,) = read(PROJECT / "models" / "staging" / "_lake__sources.yml")["sources"]
    assert {table["name"] for table in lake["tables"]} == set(LAKE_TABLES)
    assert {STAGED[model] for model in STAGED.keys() & MODELS.keys()} == set(LAKE_TABLES)


def test_shared_descriptions_are_all_used_and_all_there():
    blocks = re.findall(r"\{% docs (\w+) %\}", (PROJECT / "models" / "columns.md").read_text(encoding="utf-8"))
    files = [*(PROJECT / "models").rglob("*.yml"), *(PROJECT / "seeds").glob("*.yml")]
    used = {name for path in files for name in DOC.findall(path.read_text(encoding="utf-8"))}
    assert sorted(used) == sorted(blocks)


@pytest.mark.parametrize(("model", "column", "literal"), REPEATED)
def test_accepted_values_are_those_of_the_domain(model: str, column: str, literal: object):
    assert accepted(model, column) == set(values_of(literal))


def test_coverage_counts_every_status_there_is():
    columns = {column["name"] for column in described("rpt_coverage_weekly")["columns"]}
    assert set(values_of(Status)) <= columns


def test_the_lines_between_negative_and_positive_are_those_of_the_domain():
    assert (macro("negative_to"), macro("positive_from")) == (NEGATIVE_TO, POSITIVE_FROM)


def test_nothing_is_written_into_the_project():
    settings = read(PROJECT / "dbt_project.yml")
    assert not settings.keys() & {"target-path", "log-path", "packages-install-path"}
    assert settings["flags"]["send_anonymous_usage_stats"] is False


def test_a_unit_test_has_a_name_that_every_engine_can_hold():
    names = [test["name"] for path in (PROJECT / "models").rglob("*.yml") for test in read(path).get("unit_tests", ())]
    assert len(names) > len(MARTS)
    assert [name for name in names if len(name) > 63] == []  # it names a table, and PostgreSQL cuts after 63 bytes
