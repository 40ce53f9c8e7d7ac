"""Nothing that was planted gets out: the wire, the cache, the lake, the marts, Dagster's storage and logs are searched.

The command runs over a drop full of secrets: against a healthy server, and against one that says back the prompt and
the key, first in refusing the key and then in all that it answers. The search is shown to find what may be there.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from orchestration.settings import PROJECT_ROOT, setting_names
from tests.end_to_end.leak_drop import DAY, FIELDS, IDS, METADATA, SPOKEN, UNSPOKEN, Drop, write_drop
from tests.end_to_end.leak_search import Found, Text, found_in, texts_under
from tests.end_to_end.leak_secrets import Planted
from tests.end_to_end.leak_server import indiscreet, rejecting
from tests.fakes.openai_server import Behaviour, OpenAIServer, Received, good_claims

pytestmark = pytest.mark.slow

KEY = Planted("OPENAI_API_KEY", "key", ("sk-planted" + "Qz7x" * 8,))
WITHOUT_ENV_FILE = (
    "import pathlib, orchestration.settings as s; s.ENV_FILE = pathlib.Path('no.env'); "
    "from orchestration.cli import app; app()"
)
PRIVATE = "lake/private/"
# Where a run tells of itself: no words of a conversation, masked or not.
TALK = re.compile(r"dagster/|dbt/|logs/|data_docs/|stdout|stderr")
METADATA_HELD = r"lake/conversations/|warehouse\.duckdb#stg_helpdesk__conversations#"
MESSAGES_HELD = r"lake/messages/|warehouse\.duckdb#stg_helpdesk__messages#text"
HELD = {
    **dict.fromkeys((*METADATA, "csat_remark"), METADATA_HELD),
    **dict.fromkeys(UNSPOKEN, MESSAGES_HELD),
    **dict.fromkeys(SPOKEN, r"lake/|warehouse\.duckdb|published/|cache\.sqlite"),
    **dict.fromkeys((*FIELDS[:-1], *IDS), r"lake/|warehouse\.duckdb|published/"),
    "author_id": rf"{MESSAGES_HELD[:-4]}author_id",
}


class Run(NamedTuple):
    """What a run read, sent, printed and left behind; `spread` is where words of the conversations then are."""

    drop: Drop
    sent: list[Received]
    kept: list[Text]
    private: list[Text]
    spread: list[Found]

    @property
    def wire(self) -> list[Text]:
        """Bodies, and headers but for the one that holds the key."""
        headers = ({k: v for k, v in r.headers.items() if k != "Authorization"} for r in self.sent)
        return [Text("wire", f"{r.raw}\n{json.dumps(h)}".encode()) for r, h in zip(self.sent, headers, strict=True)]

    @property
    def markers(self) -> list[Planted]:
        return _markers(self.drop)


def _markers(drop: Drop) -> list[Planted]:
    return [Planted("marker", "word", (marker,)) for marker in drop.markers]


def backfilled(folder: Path, behaviours: dict[str, Behaviour], drop: Drop) -> Run:
    """Runs the command once for every server, with the flags of its name, on one home."""
    talk: list[Text] = []
    with OpenAIServer() as server:
        given = {
            "CX_HOME": str(folder / "cx"),
            "CX_SOURCE": "files",
            "CX_FILES_PATH": str(folder / "drop"),
            "CX_JUDGE": "openai",
            "CX_MODEL": "m",
            "OPENAI_API_KEY": KEY.needles[0],
            "OPENAI_BASE_URL": server.base_url,
            "COLUMNS": "400",
        }
        clean = {name: value for name, value in os.environ.items() if name not in setting_names()}
        for flags, server.behaviour in behaviours.items():
            command = [sys.executable, "-c", WITHOUT_ENV_FILE, "backfill", "--from", DAY, "--to", DAY, *flags.split()]
            done = subprocess.run(command, env=clean | given, cwd=PROJECT_ROOT, capture_output=True, check=False)
            talk += Text("stdout", done.stdout), Text("stderr", done.stderr)
        sent = list(server.requests)
    texts = list(texts_under(folder / "cx"))
    kept = [text for text in texts if not text.where.startswith(PRIVATE)] + talk
    private = [text for text in texts if text.where.startswith(PRIVATE)]
    return Run(drop, sent, kept, private, found_in(kept, [*drop.words, *_markers(drop)]))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("healthy")
    return backfilled(folder, {"": good_claims}, write_drop(folder / "drop", seed=5))


@pytest.fixture(scope="module")
def said_back(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("said_back")
    drop = write_drop(folder / "drop", seed=6)
    return backfilled(folder, {"": rejecting, "--retry-failed": indiscreet(drop.markers)}, drop)


@pytest.fixture(params=["healthy", "said_back"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    yield request.getfixturevalue(request.param)


def told(found: list[Found]) -> list[str]:
    """What was found where, without saying it again."""
    return sorted({f"{f.planted.kind} of {f.planted.place} in {f.where}" for f in found})


def stores(found: list[Found]) -> set[str]:
    return {f.where.split("/")[0].split("#")[0] for f in found}


def test_the_search_finds_what_may_be_there(run: Run) -> None:
    assert {f.planted for f in found_in(run.wire, run.markers)} == set(run.markers)
    everywhere = [f for f in run.spread if f.planted.place == "marker"]
    assert {"lake", "cache.sqlite", "warehouse.duckdb", "published"} <= stores(everywhere)
    assert any(f.where.startswith("cache.sqlite#answers") for f in everywhere)
    assert any(f.where.endswith("#fct_score_reasons#quote") for f in everywhere)
    assert any(re.match(r"lake/messages/.*#text", f.where) for f in everywhere)
    tags = [Planted("run", "tag", ("cx/process",)), Planted("dbt", "model", ("stg_helpdesk__messages",))]
    assert {"dagster", "dbt", "logs"} <= stores(found_in(run.kept, tags))
    assert {f.where for f in found_in(run.kept, [Planted("table", "title", ("Customer experience by week",))])}


def test_every_secret_is_kept_in_the_private_zone(run: Run) -> None:
    refused = {s for s in run.drop.secrets if s.place.startswith(("broken", "torn", "message field"))}
    assert {f.planted for f in found_in(run.private, run.drop.secrets)} == set(run.drop.secrets) - refused


def test_no_secret_is_on_the_wire(run: Run) -> None:
    assert told(found_in(run.wire, run.drop.secrets)) == []


def test_no_secret_is_anywhere_but_in_the_private_zone(run: Run) -> None:
    assert told(found_in(run.kept, run.drop.secrets)) == []


def test_the_api_key_is_in_one_header_and_nowhere_else(run: Run) -> None:
    assert {r.headers["Authorization"] for r in run.sent} == {f"Bearer {KEY.needles[0]}"}
    assert told(found_in(run.wire + run.kept + run.private, [KEY])) == []


def test_a_judge_reads_what_was_said_in_public_and_nothing_else(run: Run) -> None:
    found = found_in(run.wire, run.drop.words)
    assert {f.planted.place for f in found} == set(SPOKEN)


def test_every_word_is_kept_in_the_tables_that_are_meant_to_hold_it(run: Run) -> None:
    found = [f for f in run.spread if f.planted.place != "marker"]
    astray = [f for f in found if not re.match(HELD.get(f.planted.place, "nowhere"), f.where)]
    assert told([f for f in astray if not TALK.match(f.where)]) == []
    assert {f.planted.place for f in found} == set(HELD) - {"message field"}


def test_no_word_of_a_conversation_is_in_what_a_run_tells_of_itself(run: Run) -> None:
    assert told([f for f in run.spread if TALK.match(f.where)]) == []


def test_what_went_wrong_is_told_without_words_of_a_conversation(run: Run) -> None:
    told_wrong = re.compile(r"cache\.sqlite#(?!answers)|.*#detail$")
    assert told([f for f in run.spread if told_wrong.match(f.where)]) == []
