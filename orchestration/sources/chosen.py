"""The source that the settings choose."""

from upath import UPath

from orchestration.settings import SettingError, Settings
from orchestration.sources.demo.source import DemoSource
from orchestration.sources.files.source import FilesSource
from orchestration.sources.protocol import Source
from scoring_ops.scorer import Clock, utc_now

DEMO_WEEKS = 26


def check_source(settings: Settings) -> None:
    """Nothing where the source can be found.

    Raises:
        SettingError: the path of the files does not exist.
    """
    if settings.source == "files" and not UPath(settings.files_path or "").expanduser().exists():
        raise SettingError(f"CX_FILES_PATH: no such file or folder: {settings.files_path}")


def chosen_source(settings: Settings, clock: Clock = utc_now) -> Source:
    """The client of CX_SOURCE, not yet connected to anything."""
    if settings.source == "files":
        return FilesSource(settings.files_path or "", settings.workspace_id, clock)
    return DemoSource(settings.workspace_id, weeks=DEMO_WEEKS)
