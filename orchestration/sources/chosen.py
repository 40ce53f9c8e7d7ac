"""The source that the settings choose, or the sources of several workspaces as one."""

from collections.abc import Iterator
from datetime import date

from upath import UPath

from orchestration.settings import SettingError, Settings
from orchestration.sources.demo.source import DemoSource
from orchestration.sources.files.source import FilesSource
from orchestration.sources.protocol import Listed, Rejected, Source, listing
from orchestration.workspaces import sources_of
from scoring_ops.conversation import Conversation
from scoring_ops.scorer import Clock, utc_now

DEMO_WEEKS = 26


class Several:
    """The sources of several workspaces, read one after the other."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self._sources = sources

    @property
    def name(self) -> str:
        """Their names, each once."""
        return ", ".join(dict.fromkeys(source.name for source in self._sources))

    def extract(self, days: frozenset[date]) -> Iterator[Conversation | Rejected]:
        """What each of them has of these days."""
        for source in self._sources:
            yield from source.extract(days)

    def listing(self, days: frozenset[date]) -> Iterator[Listed | Rejected]:
        """The lists of each of them."""
        for source in self._sources:
            yield from listing(source, days)


def check_source(settings: Settings) -> None:
    """Nothing where every source can be found.

    Raises:
        SettingError: the path of a workspace's files does not exist, or the file of workspaces is wrong.
    """
    for one in sources_of(settings):
        if one.source == "files" and not UPath(one.files_path or "").expanduser().exists():
            raise SettingError(f"CX_FILES_PATH: no such file or folder: {one.files_path} ({one.workspace_id})")


def chosen_source(settings: Settings, clock: Clock = utc_now) -> Source:
    """The client of CX_SOURCE, or of every workspace that names a source; not yet connected to anything."""
    sources = tuple(_source(one, clock) for one in sources_of(settings))
    return sources[0] if len(sources) == 1 else Several(sources)


def _source(settings: Settings, clock: Clock) -> Source:
    if settings.source == "files":
        return FilesSource(settings.files_path or "", settings.workspace_id, clock)
    return DemoSource(settings.workspace_id, weeks=DEMO_WEEKS)
