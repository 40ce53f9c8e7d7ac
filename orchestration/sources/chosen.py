"""The source that the settings choose."""

from orchestration.settings import Settings
from orchestration.sources.demo.source import DemoSource
from orchestration.sources.files.source import FilesSource
from orchestration.sources.protocol import Source
from scoring_ops.scorer import Clock, utc_now

DEMO_WEEKS = 26


def chosen_source(settings: Settings, clock: Clock = utc_now) -> Source:
    """The client of CX_SOURCE, not yet connected to anything."""
    if settings.source == "files":
        return FilesSource(settings.files_path or "", settings.workspace_id, clock)
    return DemoSource(settings.workspace_id, weeks=DEMO_WEEKS)
