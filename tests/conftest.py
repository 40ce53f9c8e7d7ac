"""What every test gets: no settings of the developer's own, and in CI no silent skip."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.settings import setting_names
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]  # pytest finds fixtures by their names here

PROJECT = Path(__file__).resolve().parents[1]


LONGEST_FIRST = ("end_to_end", "dbt", "orchestration", "expectations")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole runs of the platform first: a worker that is free early then takes something short."""
    folders = {name: place for place, name in enumerate(LONGEST_FIRST)}
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def place(item: pytest.Item) -> tuple[int, bool]:
        folder = item.path.relative_to(PROJECT / "tests").parts[0]
        return folders.get(folder, len(folders)), item.path not in slow

    items.sort(key=place)


@pytest.fixture(scope="module", autouse=True)
def bare_environment() -> Iterator[None]:
    """A module's own fixtures start without settings, and leave none to the next module."""
    before = dict(os.environ)
    for name in setting_names():
        os.environ.pop(name, None)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def clean_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only what a test sets is set: a developer's environment must not reach a test, nor a test their data."""
    for name in setting_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("orchestration.settings.ENV_FILE", tmp_path / "no.env")
    monkeypatch.setenv("CX_HOME", str(tmp_path / "cx"))


@pytest.fixture
def shared_data() -> Path:
    """The folder of real conversations beside the project; the test is skipped where it is absent."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.exists():
        pytest.skip("the real conversations are not beside the project (../shared/data)")
    return folder


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure, unless it needs the real conversations, which are not part of the project."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    silent = [r.nodeid for r in reporter.stats.get("skipped", []) if "shared_data" not in r.keywords]
    if silent and exitstatus == 0:
        reporter.write_line(f"skipped in CI: {', '.join(silent)}", red=True)
        session.exitstatus = 1
