"""The recipe of docs/connectors.md: tables as loaders leave them become records that the source `files` reads."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.sources.files.source import FilesSource
from scoring_ops.conversation import Conversation

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def recipe(to: Path) -> str:
    """The query of the document, word for word but for where it writes."""
    text = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert query.count("exports/zendesk.parquet") == 1
    return query.replace("exports/zendesk.parquet", str(to / "zendesk.parquet"))


def read(folder: Path, *days: date) -> list[Conversation]:
    found = list(FilesSource(str(folder), "acme", lambda: NOW).extract(frozenset(days)))
    assert all(isinstance(one, Conversation) for one in found), found
    return [one for one in found if isinstance(one, Conversation)]


def test_tables_as_loaders_leave_them_become_conversations(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("""
            create table ticket as select * from (values
                (7, 100, 'solved', 'web', 'Parcel', timestamp '2026-03-02 10:00', timestamp '2026-03-02 12:00'),
                (8, 101, 'open', 'email', null, timestamp '2026-03-02 10:00', timestamp '2026-03-02 13:00')
            ) as t(id, requester_id, status, via_channel, subject, created_at, updated_at)
        """)
        connection.execute("""
            create table ticket_comment as select * from (values
                (1, 7, 100, 'It is not here.', true, timestamp '2026-03-02 10:00'),
                (3, 7, 900, 'A note.', false, timestamp '2026-03-02 11:30'),
                (2, 7, 900, 'It comes tomorrow.', true, timestamp '2026-03-02 11:00'),
                (4, 8, 102, 'Me too.', true, timestamp '2026-03-02 10:00')
            ) as t(id, ticket_id, user_id, body, public, created)
        """)
        connection.execute("""
            create table "user" as select * from (values (100, 'end-user'), (900, 'agent')) as t(id, role)
        """)
        connection.execute(recipe(tmp_path))
    first, second = sorted(read(tmp_path, date(2026, 3, 2)), key=lambda one: one.conversation_id)
    assert (first.conversation_id, first.source, first.state, first.customer_id) == ("7", "zendesk", "closed", "100")
    assert [(m.author_type, m.text, m.is_public) for m in first.messages] == [
        ("customer", "It is not here.", True),
        ("human_agent", "It comes tomorrow.", True),
        ("human_agent", "A note.", False),
    ]
    assert (second.state, second.messages[0].author_type) == ("open", "customer")


@pytest.mark.shared_data
def test_the_rows_of_a_real_loader_fit_the_recipe(shared_data: Path, tmp_path: Path) -> None:
    seeds = pl.read_ndjson(shared_data / "vendor" / "vendor_fivetran_seeds.jsonl.gz", infer_schema_length=None)
    with duckdb.connect() as connection:
        for table in ("ticket", "ticket_comment", "user"):
            rows = [
                row["payload"]
                for row in seeds.filter((pl.col("vendor") == "zendesk") & (pl.col("table") == table)).iter_rows(
                    named=True
                )
            ]
            frame = pl.DataFrame(
                [{k: v for k, v in row.items() if v is not None} for row in rows], infer_schema_length=None
            )
            lines = tmp_path / f"{table}.json"
            lines.write_text("\n".join(json.dumps(row) for row in frame.iter_rows(named=True)), encoding="utf-8")
            connection.execute(f"create table \"{table}\" as from read_json('{lines}')")
        tickets, comments = (
            {row[0] for row in connection.execute(f"select distinct {key} from {table}").fetchall()}
            for table, key in (("ticket", "id"), ("ticket_comment", "ticket_id"))
        )
        folder = tmp_path / "exports"
        folder.mkdir()
        connection.execute(recipe(folder))
    made = pl.read_parquet(folder / "zendesk.parquet")
    assert made.height == len(tickets & comments)
    days = {at.date() for at in made["version_at"]}
    assert len(read(folder, *days)) == made.height
