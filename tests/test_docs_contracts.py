"""docs/data-contracts.md and docs/scoring.md repeat what the code defines; here the two are held equal."""

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
import yaml

from expectations.schemas.tables import LAKE_TABLES, LakeTable, polars_schema, schema_of
from orchestration import cli, console
from orchestration.lake import RUN_VARYING_SUFFIXES
from orchestration.publish import MARTS_FILE
from orchestration.settings import Settings, setting_names
from orchestration.sources.files.source import FilesSource
from scoring_ops import eligibility
from scoring_ops.claims import Claims
from scoring_ops.conversation import Conversation
from scoring_ops.judges.protocol import FINAL_OUTCOMES, Status
from scoring_ops.rubric.dimensions import DIMENSIONS
from scoring_ops.score import ConversationScore
from scoring_ops.scorecard import default_scorecard
from scoring_ops.transcript import transcribe
from scoring_ops.weighing import score_claims

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = (ROOT / "docs" / "data-contracts.md").read_text(encoding="utf-8")
SCORING = (ROOT / "docs" / "scoring.md").read_text(encoding="utf-8")
MODELS = ROOT / "dbt_project" / "models" / "marts"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
TYPES = {
    pl.String(): "text",
    pl.Int64(): "int",
    pl.Float64(): "float",
    pl.Boolean(): "bool",
    pl.Date(): "date",
    pl.Datetime("us", "UTC"): "time",
    pl.List(pl.String()): "texts",
}
EMPTY_CLAIMS = {
    **dict.fromkeys(("sentiment", "answer_quality_ai", "answer_quality_human", "customer_effort")),
    **dict.fromkeys(("issues", "service_quality", "strong_emotion", "product_feedback"), ()),
    **dict.fromkeys(("policy_feedback", "process_fault", "risk"), ()),
    "summary": "",
    "language": "en",
    "judge_rating": 3,
}


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next of its level or above."""
    level = heading.split(" ", 1)[0]
    found = re.search(rf"^{re.escape(heading)}.*?$(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, without headers and rules."""
    lines = re.sub(r"```.*?```", "", text, flags=re.DOTALL).splitlines()
    marked = [n for n, line in enumerate(lines) if line.startswith("| ---")]
    headers = {n - 1 for n in marked} | set(marked)
    return [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for n, line in enumerate(lines)
        if line.startswith("|") and n not in headers
    ]


def names(text: str) -> list[str]:
    """The name in backticks with which each row of a table begins."""
    return [found[1] for row in rows(text) if (found := re.search(r"`([^`]+)`", row[0]))]


def json_blocks(text: str) -> list[dict[str, object]]:
    return [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]


def test_the_settings_are_all_listed_with_their_defaults():
    table = {row[0].strip("`"): row[1].strip("`") for row in rows(section(CONTRACTS, "## Settings"))}
    assert tuple(table) == setting_names()
    for setting, field in zip(setting_names(), Settings.model_fields.values(), strict=True):
        if isinstance(field.default, str | int | date) and field.default != "":
            expected = str(field.default)
            assert table[setting] == (expected.lower() if isinstance(field.default, bool) else expected), setting


def test_the_commands_are_all_listed_with_their_options():
    given = [n for n in names(section(CONTRACTS, "## Commands")) if n.startswith("cxscore")]
    groups = {group.name for group in cli.app.registered_groups}
    listed = {" ".join(n.split()[1 : 3 if n.split()[1] in groups else 2]): n for n in given}
    registered = {c.callback.__name__.replace("_", "-") for c in cli.app.registered_commands if c.callback}
    for group in cli.app.registered_groups:
        within = group.typer_instance.registered_commands if group.typer_instance else []
        registered |= {
            f"{group.name} {command.name or command.callback.__name__}" for command in within if command.callback
        }
    assert set(listed) == registered
    assert all(option in listed["backfill"] for option in ("--from", "--to", "--retry-failed"))


def test_the_exit_codes_are_those_of_the_command_line():
    codes = {row[0] for row in rows(section(CONTRACTS, "## Commands")) if row[0].isdigit()}
    assert codes == {"0", *map(str, (console.FAILED, console.WRONG_USE, console.WARNING))}


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_every_column_of_a_lake_table_is_listed_with_its_type(table: LakeTable):
    cells = " ".join(row[0] for row in rows(section(CONTRACTS, f"### `{table}`")))
    listed = re.findall(r"`(\w+)` (\w+)(\??)", cells)
    columns = schema_of(table).columns
    expected = [(n, TYPES[kind], "?" if columns[n].nullable else "") for n, kind in polars_schema(table).items()]
    assert listed == expected


def test_every_lake_table_has_its_place():
    assert re.findall(r"^### `(\w+)`", section(CONTRACTS, "## Lake tables"), re.MULTILINE) == list(LAKE_TABLES)


def test_the_statuses_are_those_of_the_domain():
    table = section(CONTRACTS, "## Statuses")
    assert names(table) == list(get_args(Status))
    assert {row[0].strip("`") for row in rows(table) if "--retry-failed" in row[2]} == FINAL_OUTCOMES


def test_every_mart_is_listed_with_the_grain_that_dbt_tests():
    listed = {row[0]: re.findall(r"`(\w+)`", row[1]) for row in rows(section(CONTRACTS, "## Marts"))}
    named = {re.findall(r"`(\w+)`", cell)[0]: grain for cell, grain in listed.items()}
    models = {path.stem: path.with_suffix(".yml") for path in MODELS.rglob("*.sql")}
    assert set(named) == set(models)
    for mart, described in models.items():
        assert named[mart] == grain(described), mart


def grain(described: Path) -> list[str]:
    (model,) = yaml.safe_load(described.read_text(encoding="utf-8"))["models"]
    combined = [test["unique_combination"] for test in model.get("data_tests", []) if "unique_combination" in test]
    if combined:
        return combined[0]["arguments"]["columns"]
    return [column["name"] for column in model["columns"] if "unique" in column.get("data_tests", [])]


def test_published_files_and_run_varying_columns_are_named():
    assert f"`{MARTS_FILE}`" in CONTRACTS
    varying = re.findall(r"`(\w+)`", section(CONTRACTS, "## Run-varying columns"))
    assert {*varying} == {*RUN_VARYING_SUFFIXES, "cached"}


def extracted(records: list[dict[str, object]], folder: Path) -> list[Conversation]:
    (folder / "drop.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    days = frozenset(date(2026, 3, 1) + timedelta(days=n) for n in range(31))
    outcomes = list(FilesSource(str(folder), "acme", lambda: NOW).extract(days))
    found = [outcome for outcome in outcomes if isinstance(outcome, Conversation)]
    assert len(found) == len(outcomes) == len(records), outcomes
    return found


def test_the_example_records_are_accepted_and_the_full_one_is_complete(tmp_path: Path):
    least, full = json_blocks(section(CONTRACTS, "## Record that `files` accepts"))
    _, read = extracted([least, full], tmp_path)
    assert set(full) == set(Conversation.model_fields) - {"source_metadata"}
    assert read.source_metadata is None


def test_every_rejection_rule_is_listed():
    listed = names(section(CONTRACTS, "### Rejection rules"))
    assert sorted(listed) == sorted(set(rejection_rules()))


def rejection_rules() -> Iterator[str]:
    """The rule of every rejection that the source's code spells out, by the place of the rule among the arguments."""
    place = {"Broken": 0, "BadRow": 0, "Unreadable": 1, "Rejected": 4}
    for path in (ROOT / "orchestration" / "sources" / "files").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            at = place.get(node.func.id) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
            if at is not None and len(node.args) > at and isinstance(rule := node.args[at], ast.Constant):
                yield str(rule.value)


def test_every_eligibility_rule_is_listed():
    rules = [*eligibility._INCLUSIVE, *eligibility._STRICT]
    assert names(section(SCORING, "## Eligibility")) == [rule for rule, _ in rules]
    assert f"under {eligibility.MINIMUM_WORDS} words" in SCORING


def test_every_dimension_is_listed_with_its_cap():
    table = rows(section(SCORING, "## Claims"))
    listed = {row[0].strip("`"): float(row[3]) for row in table}
    assert list(listed) == list(DIMENSIONS)
    assert listed == dict(default_scorecard().caps)


@pytest.fixture
def worked(tmp_path: Path) -> ConversationScore:
    """The worked example of docs/scoring.md, scored by the code."""
    record, claims = json_blocks(section(SCORING, "## Reading one score"))
    (conversation,) = extracted([record], tmp_path)
    made = Claims.model_validate_json(json.dumps({**EMPTY_CLAIMS, **claims}))
    return score_claims(made, transcribe(conversation), conversation.channel, default_scorecard())


def test_the_worked_example_has_the_reasons_it_prints(worked: ConversationScore):
    printed = [tuple(row) for row in rows(section(SCORING, "## Reading one score"))]
    reasons = [
        (r.dimension, r.value, str(r.weight), r.evidence.match_kind, quote)
        for r, (*_, shown) in zip(worked.reasons, printed, strict=False)
        for quote in [shown if r.evidence.match_kind == "computed" else r.evidence.quote]
    ]
    rejected = [(r.dimension, r.value, "0.0", "rejected", r.quote) for r in worked.rejected]
    assert printed == [*reasons, *rejected]


def test_the_worked_example_has_the_score_it_prints(worked: ConversationScore):
    assert f"= {worked.raw_score}, score {worked.score}." in SCORING
    assert f"Proven {worked.claims_proven} of {worked.claims_total} claims" in SCORING
    assert f"confidence {worked.confidence}." in SCORING
    assert f"`{worked.what_would_change_it}`" in SCORING
