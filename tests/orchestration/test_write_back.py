"""Write-back: what differs is written once, nothing without being told to, and nobody's other fields are touched."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.console import FAILED, WRONG_USE
from orchestration.extraction import extract_days
from orchestration.lake import Lake
from orchestration.scores import score_day
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import load_settings
from orchestration.sources.chosen import chosen_source
from orchestration.sources.intercom.api import intercom_api
from orchestration.sources.protocol import SourceError
from orchestration.sources.zendesk.api import zendesk_api
from orchestration.write_back.targets import IntercomTarget, ZendeskTarget
from orchestration.write_back.write_back import Score, counted, write_back
from scoring_ops.ops import Chunk
from tests.fakes.helpdesk_server import every
from tests.fakes.intercom import server as intercom
from tests.fakes.zendesk import server as zendesk

DAY = date(2026, 3, 2)
NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())
SCORES = [Score(str(n), n, "Lowered by resolution unresolved (-1.00).", "local-1-card-1") for n in (1, 2, 3)]


def test_intercom_gets_what_differs_and_only_once() -> None:
    workspace = intercom.Workspace(*(intercom.conversation(n, NOON, custom_attributes={"plan": "pro"}) for n in (1, 2)))
    with intercom.serve(workspace) as server, intercom_api(SecretStr(intercom.TOKEN), "us", server.url) as api:
        target = IntercomTarget(api)
        assert counted(write_back(target, SCORES, apply=False)) == {"would write": 2, "gone": 1}
        assert workspace.writes == []
        assert counted(write_back(target, SCORES, apply=True)) == {"written": 2, "gone": 1}
        assert counted(write_back(target, SCORES, apply=True)) == {"unchanged": 2, "gone": 1}
        assert server.invalid == []
    assert len(workspace.writes) == 2
    assert workspace.conversations["2"]["custom_attributes"] == {
        "plan": "pro",
        "cxs_score": 2,
        "cxs_reasons": "Lowered by resolution unresolved (-1.00).",
        "cxs_version": "local-1-card-1",
    }


def account() -> zendesk.Account:
    made = zendesk.Account(*(zendesk.ticket(n, NOON, custom_fields=[{"id": 5, "value": "pro"}]) for n in (1, 2)))
    made.fields = [{"id": 5, "title": "Plan"}, {"id": 6, "title": "cxs_score"}, {"id": 7, "title": "cxs_reasons"}]
    return made


def test_zendesk_gets_fields_by_their_titles_and_only_once() -> None:
    made = account()
    made.fields.append({"id": 8, "title": "cxs_version"})
    with (
        zendesk.serve(made) as server,
        zendesk_api(server.url, zendesk.EMAIL, SecretStr(zendesk.TOKEN)) as api,
    ):
        target = ZendeskTarget(api)
        assert counted(write_back(target, SCORES, apply=True)) == {"written": 2, "gone": 1}
        assert counted(write_back(target, SCORES, apply=True)) == {"unchanged": 2, "gone": 1}
        assert server.invalid == []
    assert len(made.writes) == 2
    held = {one["id"]: one["value"] for one in made.tickets[1]["custom_fields"]}
    assert held == {5: "pro", 6: 1, 7: "Lowered by resolution unresolved (-1.00).", 8: "local-1-card-1"}


def test_an_account_without_the_fields_is_told_which_to_make() -> None:
    with (
        zendesk.serve(account()) as server,
        zendesk_api(server.url, zendesk.EMAIL, SecretStr(zendesk.TOKEN)) as api,
        pytest.raises(SourceError, match="no ticket field titled cxs_version"),
    ):
        ZendeskTarget(api)


def test_reasons_are_cut_to_what_an_attribute_holds() -> None:
    reasons = Score("1", 3, "x" * 400, "v").values["cxs_reasons"]
    assert isinstance(reasons, str)
    assert (len(reasons), reasons[-1]) == (255, "…")


def test_a_change_that_fails_on_the_way_is_made_once() -> None:
    workspace = intercom.Workspace(*(intercom.conversation(n, NOON) for n in (1, 2, 3)))
    with (
        intercom.serve(workspace, fault=every(3, "500", "cut")) as server,
        intercom_api(SecretStr(intercom.TOKEN), "us", server.url) as api,
    ):
        assert counted(write_back(IntercomTarget(api), SCORES, apply=True)) == {"written": 3}
    assert [one["custom_attributes"]["cxs_score"] for one in workspace.conversations.values()] == [1, 2, 3]


def test_the_command_reads_scores_of_the_lake_and_writes_only_where_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ["write-back", "--from", "2026-03-02", "--to", "2026-03-02"]
    assert CliRunner().invoke(app, given).exit_code == WRONG_USE  # the demo is no helpdesk
    body = "<p>My parcel is broken and I want my money back, this is really terrible service.</p>"
    workspace = intercom.Workspace(*(intercom.conversation(n, NOON, body=body) for n in (1, 2)))
    with intercom.serve(workspace) as server:
        for name, value in {
            "CX_SOURCE": "intercom",
            "CX_INTERCOM_TOKEN": intercom.TOKEN,
            "CX_INTERCOM_BASE_URL": server.url,
            "CX_KEEP_RAW": "true",
        }.items():
            monkeypatch.setenv(name, value)
        settings = load_settings()
        lake = Lake(settings.lake_url)
        assert extract_days(chosen_source(settings), lake, [DAY], "run").versions == {"2026-03-02": 2}
        with LakeScoringDesk(settings, lake) as desk:
            desk.judge(Chunk(DAY.isoformat(), 0, 1), "run", retry_failed=False)
            desk.write_judgements(DAY, "run")
        score_day(settings, lake, DAY, "run")
        assert list(lake.raw("demo", "intercom").glob("*.jsonl.gz"))
        shown = CliRunner().invoke(app, given)
        assert shown.exit_code == 0, shown.output
        assert "2 would write" in shown.output
        assert CliRunner().invoke(app, [*given, "--apply"]).exit_code == WRONG_USE
        assert workspace.writes == []
        monkeypatch.setenv("CX_WRITE_BACK", "true")
        done = CliRunner().invoke(app, [*given, "--apply"])
        assert "2 written" in done.output
        assert len(workspace.writes) == 2
        monkeypatch.setenv("CX_INTERCOM_TOKEN", "wrong-token")
        failed = CliRunner().invoke(app, given)
        assert failed.exit_code == FAILED
        assert "wrong-token" not in failed.output
