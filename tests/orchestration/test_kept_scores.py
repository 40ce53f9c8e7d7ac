"""Scores of a day are kept while all they were made from is the same, and made again at any doubt."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from expectations.schemas.tables import LakeTable
from orchestration.extraction import extract_days
from orchestration.lake import Lake
from orchestration.scored_day import SCORE_TABLES, ScoredDay
from orchestration.scores import score_day
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import load_settings
from scoring_ops.conversation import Conversation
from scoring_ops.ops import Chunk
from tests.builders import START, make_conversation
from tests.fakes.source import FakeSource

DAY = START.date()
NIGHT = START + timedelta(days=20)
SHIPPED = Path(__file__).resolve().parents[2] / "scoring_ops" / "scorecard.toml"


def conversations() -> list[Conversation]:
    answered = [
        make_conversation(
            ("customer", f"The export number {n} fails with an error, can you fix it please?"),
            ("human_agent", "Sorry about that! I have fixed it, please try again."),
            ("customer", "It works now, thank you so much!"),
            conversation_id=f"c{n}",
            workspace_id=workspace,
        )
        for workspace in ("acme", "zeta")
        for n in range(4)
    ]
    return [*answered, make_conversation(conversation_id="spam", workspace_id="omega", is_spam=True)]


def judge(lake: Lake, run_id: str = "run-1") -> None:
    with LakeScoringDesk(load_settings(), lake, clock=lambda: NIGHT) as desk:
        desk.judge(Chunk(DAY.isoformat(), 0, 1), run_id, retry_failed=False)
        desk.write_judgements(DAY, run_id)


def score(lake: Lake, run_id: str = "run-1", *, force: bool = False) -> ScoredDay:
    return score_day(load_settings(), lake, DAY, run_id, clock=lambda: NIGHT, force=force)


def files(lake: Lake) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for table in SCORE_TABLES
        for path in sorted((lake.root / table).rglob("2*.parquet"))
    }


def runs(lake: Lake) -> set[str]:
    return set(lake.read_day("conversation_scores", DAY)["scoring_run_id"])


@pytest.fixture
def lake() -> Lake:
    lake = Lake(load_settings().lake_url)
    extract_days(FakeSource(conversations()), lake, [DAY], "run-1", clock=lambda: NIGHT)
    judge(lake)
    score(lake)
    return lake


def rewrite(lake: Lake, table: LakeTable, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    scorer = lake.read_day("judgements", DAY)["judge_version"][0] if table == "judgements" else None
    lake.write_day(table, DAY, change(lake.read_day(table, DAY)), scorer=scorer)


def test_an_untouched_day_keeps_its_files_byte_by_byte_and_tells_the_same_counts(lake: Lake) -> None:
    before = files(lake)
    assert len(before) == 3 * len(SCORE_TABLES)
    first = score(lake, "run-2", force=True)
    assert runs(lake) == {"run-2"}
    kept = files(lake)
    assert score(lake, "run-3") == first
    assert files(lake) == kept
    assert (first.scores.total(), first.unreadable) == (8, 0)
    assert 0 < first.proven <= first.claims


def test_extracting_and_judging_again_what_is_the_same_changes_no_score(lake: Lake) -> None:
    before = files(lake)
    extract_days(FakeSource(conversations()), lake, [DAY], "run-2", clock=lambda: NIGHT + timedelta(days=1))
    judge(lake, "run-2")
    assert set(lake.read_day("judgements", DAY)["judging_run_id"]) == {"run-2"}
    score(lake, "run-2")
    assert files(lake) == before


def test_scoring_by_force_writes_the_same_rows_again(lake: Lake) -> None:
    before = {table: lake.checksum(table) for table in SCORE_TABLES}
    score(lake, "run-2", force=True)
    assert runs(lake) == {"run-2"}
    assert {table: lake.checksum(table) for table in SCORE_TABLES} == before


LATER: tuple[tuple[LakeTable, pl.Expr], ...] = (
    ("messages", pl.col("sent_at") + pl.duration(minutes=pl.col("position") * 600)),
    ("messages", pl.col("text").str.replace("so much", "very much")),
    ("messages", pl.lit("note").alias("kind")),
    ("conversations", pl.lit("phone").alias("channel")),
    ("judgements", pl.col("claims_json").str.replace('"resolved"', '"unresolved"')),
    ("judgements", pl.col("windows") + 1),
)


@pytest.mark.parametrize(("table", "change"), LATER, ids=lambda value: value if isinstance(value, str) else "")
def test_whatever_scores_are_made_from_makes_them_anew(lake: Lake, table: LakeTable, change: pl.Expr) -> None:
    rewrite(lake, table, lambda frame: frame.with_columns(change))
    score(lake, "run-2")
    assert runs(lake) <= {"run-2"}


def test_a_version_more_or_less_makes_scores_anew(lake: Lake) -> None:
    rewrite(lake, "judgements", lambda frame: frame.filter(pl.col("conversation_id") != "c1"))
    assert score(lake, "run-2").scores.total() == 6
    assert runs(lake) == {"run-2"}


def test_another_card_makes_scores_of_its_own_and_the_first_are_kept(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(lake)
    (tmp_path / "card").mkdir()
    card = SHIPPED.read_text(encoding="utf-8").replace("resolved = 0.8", "resolved = 0.7")
    (tmp_path / "card" / "scorecard.toml").write_text(card, encoding="utf-8")
    monkeypatch.setenv("CX_SCORER", str(tmp_path / "card"))
    score(lake, "run-2")
    assert runs(lake) == {"run-1", "run-2"}
    monkeypatch.delenv("CX_SCORER")
    score(lake, "run-3")
    assert before.items() <= files(lake).items()


@pytest.mark.parametrize("table", SCORE_TABLES)
@pytest.mark.parametrize("damage", ["deleted", "truncated", "foreign"])
def test_a_file_that_is_not_what_was_written_is_made_again(lake: Lake, table: LakeTable, damage: str) -> None:
    before = {table: lake.checksum(table) for table in SCORE_TABLES}
    path: Path = next(iter(lake.day_paths(table, DAY).values()))
    if damage == "deleted":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:-30])
    else:
        pl.read_parquet(str(path)).head(1).write_parquet(str(path))
    score(lake, "run-2")
    assert runs(lake) == {"run-2"}
    assert {table: lake.checksum(table) for table in SCORE_TABLES} == before


def test_a_day_of_which_nothing_can_be_scored_is_known_as_well(lake: Lake) -> None:
    rewrite(lake, "judgements", lambda frame: frame.with_columns(pl.lit("pending").alias("status")))
    assert score(lake).scores.total() == 0
    kept = files(lake)
    assert score(lake, "run-2").scores.total() == 0
    assert files(lake) == kept


def empty(frames: Iterable[pl.DataFrame]) -> bool:
    return all(frame.is_empty() for frame in frames)


def test_a_day_whose_judgements_are_gone_has_no_scores(lake: Lake) -> None:
    rewrite(lake, "judgements", lambda frame: frame.clear())
    assert score(lake).scores.total() == 0
    assert empty(lake.read_day(table, DAY) for table in SCORE_TABLES)
