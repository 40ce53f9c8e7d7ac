"""The source that the settings choose, or the sources of several workspaces as one."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial

from pydantic import SecretStr
from upath import UPath

from orchestration.held import Held
from orchestration.lake import Lake
from orchestration.settings import SettingError, Settings
from orchestration.sources.demo.source import DemoSource
from orchestration.sources.files.source import FilesSource
from orchestration.sources.http import Api
from orchestration.sources.intercom.api import intercom_api
from orchestration.sources.intercom.source import IntercomSource
from orchestration.sources.protocol import Listed, Rejected, Source, listing
from orchestration.sources.raw_pages import RawPages
from orchestration.sources.zendesk.api import zendesk_api
from orchestration.sources.zendesk.source import ZendeskSource
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


def helpdesk_api(settings: Settings, *, keep_raw: bool = False) -> Api:
    """A client of the settings' helpdesk, which reads and may write; `keep_raw` keeps what it is sent in the lake."""
    raw = RawPages(Lake(settings.lake_url).raw(settings.workspace_id, settings.source)) if keep_raw else None
    match settings:
        case Settings(source="intercom", intercom_token=SecretStr() as token):
            return intercom_api(token, settings.intercom_region, settings.intercom_base_url, raw)
        case Settings(
            source="zendesk", zendesk_base_url=str(url), zendesk_email=str(email), zendesk_token=SecretStr() as token
        ):
            return zendesk_api(url, email, token, raw)
        case _:
            raise SettingError(f"CX_SOURCE: {settings.source} ({settings.workspace_id}) is no helpdesk with an API")


def _source(settings: Settings, clock: Clock) -> Source:
    if settings.source == "files":
        return FilesSource(settings.files_path or "", settings.workspace_id, clock)
    if settings.source == "demo":
        return DemoSource(settings.workspace_id, weeks=DEMO_WEEKS)
    kind = IntercomSource if settings.source == "intercom" else ZendeskSource
    holds = (
        _holds_nothing if settings.refetch else Held(Lake(settings.lake_url), settings.workspace_id, settings.source)
    )
    return kind(partial(helpdesk_api, settings, keep_raw=settings.keep_raw), settings.workspace_id, holds, clock)


def _holds_nothing(_conversation_id: str, _version_at: datetime) -> bool:
    return False
