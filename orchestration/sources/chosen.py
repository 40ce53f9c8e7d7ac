"""The source that the settings choose, or the sources of several workspaces as one."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial

from upath import UPath

from orchestration.held import Held
from orchestration.lake import Lake
from orchestration.settings import SettingError, Settings
from orchestration.sources.demo.source import DemoSource
from orchestration.sources.files.source import FilesSource
from orchestration.sources.http import Api
from orchestration.sources.protocol import Listed, Rejected, Source, listing
from orchestration.sources.raw_pages import RawPages
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
    """A client of the settings' helpdesk, which reads and may write; `keep_raw` keeps in the lake what it is sent.

    Raises:
        SettingError: the source is not a helpdesk with an API, or lacks its token.
    """
    from orchestration.sources.intercom.api import intercom_api  # noqa: PLC0415  each helpdesk loads where it is used
    from orchestration.sources.zendesk.api import zendesk_api  # noqa: PLC0415

    raw = RawPages(Lake(settings.lake_url).raw(settings.workspace_id, settings.source)) if keep_raw else None
    intercom, zendesk = settings.intercom_token, settings.zendesk_token
    if settings.source == "intercom" and intercom:
        return intercom_api(intercom, settings.intercom_region, settings.intercom_base_url, raw)
    if settings.source == "zendesk" and zendesk and settings.zendesk_base_url and settings.zendesk_email:
        return zendesk_api(settings.zendesk_base_url, settings.zendesk_email, zendesk, raw)
    raise SettingError(f"CX_SOURCE: {settings.source} ({settings.workspace_id}) is no helpdesk with an API")


def greet(settings: Settings) -> str:
    """Asks the helpdesk whose token it is, in one request.

    Raises:
        SourceError: it does not accept the token, or does not answer.
    """
    from orchestration.sources.intercom.api import greeting as of_intercom  # noqa: PLC0415
    from orchestration.sources.zendesk.api import greeting as of_zendesk  # noqa: PLC0415

    with helpdesk_api(settings) as api:
        return (of_intercom if settings.source == "intercom" else of_zendesk)(api)


def _source(settings: Settings, clock: Clock) -> Source:
    if settings.source == "files":
        return FilesSource(settings.files_path or "", settings.workspace_id, clock)
    if settings.source == "demo":
        return DemoSource(settings.workspace_id, weeks=DEMO_WEEKS)
    from orchestration.sources.intercom.source import IntercomSource  # noqa: PLC0415
    from orchestration.sources.zendesk.source import ZendeskSource  # noqa: PLC0415

    connect = partial(helpdesk_api, settings, keep_raw=settings.keep_raw)
    held = Held(Lake(settings.lake_url), settings.workspace_id, settings.source)
    holds = _holds_nothing if settings.refetch else held
    if settings.source == "intercom":
        return IntercomSource(connect, settings.workspace_id, holds, clock)
    bots = frozenset(one.strip() for one in settings.zendesk_ai_agents.split(",") if one.strip())
    return ZendeskSource(connect, settings.workspace_id, holds, clock, bots=bots)


def _holds_nothing(_conversation_id: str, _version_at: datetime) -> bool:
    return False
