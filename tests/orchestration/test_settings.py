"""Settings: defaults under CX_HOME, one clear line for a wrong one, and no secret in sight."""

from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT, SettingError, load_settings, setting_names


def test_without_any_setting_everything_lies_under_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CX_HOME")
    settings = load_settings()
    home = PROJECT_ROOT / ".cx"
    assert settings.home == home
    assert settings.lake_url == str(home / "lake")
    assert settings.warehouse_path == home / "warehouse.duckdb"
    assert settings.published_dir == home / "published"
    assert settings.cache_url == f"sqlite:///{home / 'cache.sqlite'}"
    assert settings.dagster_home == home / "dagster"


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"CX_RPM": "fast"}, "CX_RPM: Input should be a valid integer"),
        ({"CX_MAX_CONCURRENCY": "0"}, "CX_MAX_CONCURRENCY: Input should be greater than or equal to 1"),
        ({"CX_JUDGE": "oracle"}, "CX_JUDGE: Input should be 'local', 'openai' or 'replay'"),
        ({"CX_TIMEZONE": "Mars/Olympus"}, "CX_TIMEZONE: no such time zone 'Mars/Olympus'"),
        ({"CX_START_DATE": "2020-13-01"}, "CX_START_DATE: Input should be a valid date"),
        ({"CX_SOURCE": "files"}, "CX_FILES_PATH: must be set where CX_SOURCE=files"),
        ({"CX_SOURCE": "intercom"}, "CX_INTERCOM_TOKEN: must be set where CX_SOURCE=intercom"),
        ({"CX_SOURCE": "zendesk"}, "CX_ZENDESK_BASE_URL: must be set where CX_SOURCE=zendesk"),
        ({"CX_INTERCOM_BASE_URL": "http://elsewhere.example"}, "CX_INTERCOM_BASE_URL: not a URL such as https://"),
        ({"CX_ZENDESK_BASE_URL": "https://me:pw@acme.example"}, "CX_ZENDESK_BASE_URL: not a URL such as https://"),
        ({"CX_JUDGE": "openai", "OPENAI_API_KEY": "k"}, "CX_MODEL: must name a model"),
        ({"CX_JUDGE": "openai", "CX_MODEL": "m"}, "OPENAI_API_KEY: must be set where CX_JUDGE=openai"),
        ({"CX_CACHE_URL": "cache.sqlite"}, "CX_CACHE_URL: not an SQLAlchemy URL"),
        ({"CX_POSTGRES_URL": "postgresql+pg8000://u:p@h/d"}, "CX_POSTGRES_URL: not a URL such as postgresql://"),
        ({"CX_POSTGRES_URL": "postgresql://host"}, "CX_POSTGRES_URL: not a URL"),
        ({"CX_BUDGET_USD_PER_DAY": "-1"}, "CX_BUDGET_USD_PER_DAY: Input should be greater than 0"),
        ({"CX_MODLE": "m"}, "CX_MODLE: no such setting; did you mean CX_MODEL?"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], line: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as error:
        load_settings()
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)


def test_a_misspelt_setting_in_the_env_file_is_refused_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env_file = tmp_path / "typo.env"
    env_file.write_text("CX_SUORCE=demo\n", encoding="utf-8")
    monkeypatch.setattr("orchestration.settings.ENV_FILE", env_file)
    with pytest.raises(SettingError, match="CX_SUORCE: no such setting; did you mean CX_SOURCE"):
        load_settings()


def test_the_environment_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env_file = tmp_path / "own.env"
    env_file.write_text("CX_WORKSPACE_ID=file\nCX_RPM=60\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setattr("orchestration.settings.ENV_FILE", env_file)
    monkeypatch.setenv("CX_WORKSPACE_ID", "environment")
    assert load_settings().workspace_id == "environment"
    assert load_settings().rpm == 60


def test_a_key_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    settings = load_settings()
    assert "sk-planted" not in repr(settings)
    assert "sk-planted" not in str(settings.model_dump())
    monkeypatch.setenv("CX_RPM", "sk-planted")
    with pytest.raises(SettingError) as error:
        load_settings()
    assert "sk-planted" not in str(error.value)


def test_a_lake_url_stays_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_LAKE_URL", "s3://bucket/lake")
    assert load_settings().lake_url == "s3://bucket/lake"


def test_every_setting_is_explained_in_the_example_file() -> None:
    lines = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    explained = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert sorted(explained) == sorted(setting_names())
