"""Several workspaces: what the file says of each, what it must not say, and a champion that is rolled out to one."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from orchestration.dbt import prepare_lake
from orchestration.doctor import examine
from orchestration.extraction import extract_days
from orchestration.judges import scorer_in_use
from orchestration.lake import Lake
from orchestration.settings import PROJECT_ROOT, SettingError, load_settings
from orchestration.sources.chosen import check_source, chosen_source
from orchestration.workspaces import champions_of, sources_of, workspaces_of

SHIPPED = PROJECT_ROOT / "scoring_ops" / "scorecard.toml"
NIGHT = datetime(2026, 4, 1, tzinfo=UTC)
LINE = (
    '{{"conversation_id": "c1", "version_at": "2026-03-02T10:00:00Z", "messages": [{{"author_type": "customer", '
    '"text": "Hello from {0}, where is my parcel?", "sent_at": "2026-03-02T09:00:00Z"}}]}}\n'
)

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the file of workspaces and sets it."""

    def written(text: str) -> Path:
        path = tmp_path / "workspaces.yml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("CX_WORKSPACES", str(path))
        return path

    return written


def another_card(folder: Path) -> None:
    """A scorecard of another version, so another scorer over the same claims."""
    folder.mkdir()
    card = SHIPPED.read_text(encoding="utf-8")
    assert 'version = "1"' in card
    (folder / "scorecard.toml").write_text(card.replace('version = "1"', 'version = "2"', 1), encoding="utf-8")


def test_without_a_file_the_settings_speak_for_all() -> None:
    settings = load_settings()
    assert workspaces_of(settings) == ()
    assert sources_of(settings) == champions_of(settings) == (settings,)


def test_a_file_beside_the_settings_is_found_without_being_named(tmp_path: Path) -> None:
    (tmp_path / "workspaces.yml").write_text("workspaces: [{id: acme}]", encoding="utf-8")
    assert [workspace.id for workspace in workspaces_of(load_settings())] == ["acme"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("workspaces: [{id: a}, {id: b}, {id: a}]", "named twice: a"),
        ("workspaces: [{id: a, timezone: Mars/Base}]", "workspaces.0.timezone: .*no such time zone 'Mars/Base'"),
        ("workspaces: [{id: a, colour: red}]", "workspaces.0.colour: Extra inputs are not permitted"),
        ("workspaces: [{id: a, source: files}]", "a: source files and files_path go together"),
        ("workspaces: [{id: a, files_path: x}]", "a: source files and files_path go together"),
        ("workspaces: [{id: '*'}]", "stands for every workspace that is not named"),
        ("workspaces: [", "no YAML"),
        ("- a", "CX_WORKSPACES"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(write: Write, text: str, complaint: str) -> None:
    write(text)
    with pytest.raises(SettingError, match=complaint) as refused:
        workspaces_of(load_settings())
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CX_WORKSPACES", str(tmp_path / "absent.yml"))
    with pytest.raises(SettingError, match=r"absent\.yml: FileNotFoundError"):
        workspaces_of(load_settings())


def test_each_workspace_brings_the_conversations_of_its_own_source(write: Write, tmp_path: Path) -> None:
    for name in ("north", "south"):
        (tmp_path / f"{name}.jsonl").write_text(LINE.format(name), encoding="utf-8")
    write(
        "workspaces:\n"
        "  - {id: north, source: files, files_path: north.jsonl, timezone: Europe/Oslo}\n"
        "  - {id: south, source: files, files_path: south.jsonl}\n"
    )
    settings = load_settings()
    check_source(settings)
    lake = Lake(settings.lake_url)
    extracted = extract_days(chosen_source(settings), lake, [date(2026, 3, 2)], "run")
    assert sum(extracted.versions.values()) == 2
    said = lake.read("messages").sort("workspace_id").select("workspace_id", "text").rows()
    assert [(workspace, text.split(",")[0]) for workspace, text in said] == [
        ("north", "Hello from north"),
        ("south", "Hello from south"),
    ]
    prepare_lake(settings, lake)
    zones = dict(lake.read("workspaces").select("workspace_id", "timezone").rows())
    assert zones == {"*": "UTC", "north": "Europe/Oslo", "south": "UTC"}


def test_a_source_that_is_not_there_is_named_with_its_workspace(write: Write) -> None:
    write("workspaces: [{id: north, source: files, files_path: nowhere.jsonl}]")
    with pytest.raises(SettingError, match=r"nowhere\.jsonl \(north\)"):
        check_source(load_settings())


def test_a_champion_of_one_workspace_scores_all_of_them_and_is_reported_by_one(write: Write, tmp_path: Path) -> None:
    another_card(tmp_path / "steady")
    write("workspaces: [{id: demo-travel, champion: steady}]")
    settings = load_settings()
    ours, theirs = (scorer_in_use(one).scorer_version for one in champions_of(settings))
    assert ours != theirs
    lake = Lake(settings.lake_url)
    prepare_lake(settings, lake)
    champions = dict(lake.read("workspaces").select("workspace_id", "champion_scorer_version").rows())
    assert champions == {"*": ours, "demo-travel": theirs}
    found = {finding.what: finding for finding in examine(settings)}
    assert found["workspace demo-travel"].ok
    assert found["workspace demo-travel"].detail == f"UTC, champion {theirs}"


def test_a_champion_that_cannot_be_used_is_named_with_its_workspace(write: Write) -> None:
    write("workspaces: [{id: north, champion: nowhere}]")
    settings = load_settings()
    with pytest.raises(SettingError, match="champion of north: "):
        prepare_lake(settings, Lake(settings.lake_url))
    (finding,) = [finding for finding in examine(settings) if finding.what == "workspace north"]
    assert not finding.ok
