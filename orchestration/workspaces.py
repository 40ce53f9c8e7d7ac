"""Several workspaces in one installation: what `workspaces.yml` says of each, over what the settings say of all.

A workspace may have a source, a time zone and a champion of its own. The judge and all paths of the platform are the
settings'. Every champion's scorecard scores every workspace, since scoring stored claims costs nothing: a scorer that
is rolled out to one workspace is a shadow in the others, on the same conversations.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

import yaml
from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from orchestration.judges import ScorerInUse, scorer_in_use
from orchestration.settings import ENV_FILE, SettingError, Settings, helpdesk_rules

EVERY_OTHER = "*"


class Workspace(BaseModel):
    """One entry of the file; what it leaves out is as the settings say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    source: Literal["demo", "files", "intercom", "zendesk"] | None = None
    """Where its conversations come from; none where they come with those of another source."""
    files_path: str | None = None
    token_variable: str | None = None
    """The variable of the environment or `.env` that holds its helpdesk token; else the one of the settings."""
    base_url: str | None = None
    region: Literal["us", "eu", "au"] | None = None
    email: str | None = None
    timezone: str | None = None
    champion: Path | None = None
    """The folder of its scorecard, as in CX_SCORER."""

    @field_validator("id")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value == EVERY_OTHER:
            raise ValueError("* stands for every workspace that is not named: the settings speak for those")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError(f"no such time zone {value!r}")
        return value


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    workspaces: tuple[Workspace, ...] = ()


def workspaces_of(settings: Settings) -> tuple[Workspace, ...]:
    """The entries of the file, with paths made absolute; none where there is no file, or nothing in it.

    Raises:
        SettingError: a file that cannot be read or says what it must not; the line names the entry and the key.
    """
    path = settings.workspaces
    if path is None:
        return ()
    try:
        found = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {}).workspaces
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"CX_WORKSPACES: {path}: {type(error).__name__}") from error
    except yaml.YAMLError as error:
        raise SettingError(f"CX_WORKSPACES: {path}: no YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        lines = ("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())).replace("\n", " ")
        raise SettingError(f"CX_WORKSPACES: {path}: {lines}") from None
    ids = [workspace.id for workspace in found]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise SettingError(f"CX_WORKSPACES: {path}: named twice: {', '.join(twice)}")
    for workspace in found:
        if (workspace.source == "files") != (workspace.files_path is not None):
            raise SettingError(f"CX_WORKSPACES: {path}: {workspace.id}: source files and files_path go together")
    return tuple(_placed(workspace, path.parent) for workspace in found)


def _placed(workspace: Workspace, folder: Path) -> Workspace:
    files = workspace.files_path
    return workspace.model_copy(
        update={
            "files_path": files if files is None or "://" in files else str(folder / Path(files).expanduser()),
            "champion": workspace.champion and folder / workspace.champion.expanduser(),
        }
    )


def sources_of(settings: Settings) -> tuple[Settings, ...]:
    """The settings of each source to read: of the workspaces that name one, else the settings' own alone."""
    named = tuple(_as_source(one, settings) for one in workspaces_of(settings) if one.source is not None)
    return named or (settings,)


def _as_source(workspace: Workspace, settings: Settings) -> Settings:
    """The settings of the source of one workspace.

    Raises:
        SettingError: its helpdesk needs what neither the entry nor the settings give.
    """
    given: dict[str, object] = {"workspace_id": workspace.id, "source": workspace.source}
    given["files_path"] = workspace.files_path
    if workspace.source in {"intercom", "zendesk"}:
        own: dict[str, object] = {
            "base_url": workspace.base_url,
            "region": workspace.region,
            "email": workspace.email,
        }
        own["token"] = _token(workspace)
        given |= {f"{workspace.source}_{name}": value for name, value in own.items() if value is not None}
    merged = settings.model_copy(update=given)
    for broken, line in helpdesk_rules(merged):
        if broken:
            raise SettingError(f"CX_WORKSPACES: {workspace.id}: {line}")
    return merged


def _token(workspace: Workspace) -> SecretStr | None:
    """The token under the name that the entry gives: a file of workspaces may be committed, a token may not."""
    name = workspace.token_variable
    if name is None:
        return None
    value = os.environ.get(name) or dotenv_values(ENV_FILE).get(name)
    if not value:
        raise SettingError(f"CX_WORKSPACES: {workspace.id}: token_variable: {name} is not set")
    return SecretStr(value)


def champions_of(settings: Settings) -> tuple[Settings, ...]:
    """The settings of each scorecard that scores: the settings' own first, then every other workspace's champion."""
    folders = (settings.scorer, *(workspace.champion or settings.scorer for workspace in workspaces_of(settings)))
    return tuple(settings.model_copy(update={"scorer": folder}) for folder in dict.fromkeys(folders))


def champion_of(workspace: Workspace, settings: Settings) -> ScorerInUse:
    """The scorer that a workspace's weeks are reported by.

    Raises:
        SettingError: its champion cannot be used; the line names the workspace.
    """
    own = scorer_in_use(settings)
    if workspace.champion is None:
        return own
    try:
        champion = scorer_in_use(settings.model_copy(update={"scorer": workspace.champion}))
    except SettingError as error:
        what = str(error).removeprefix("CX_SCORER: ")
        raise SettingError(f"CX_WORKSPACES: champion of {workspace.id}: {what}") from error
    if champion.judge_version != own.judge_version:
        raise SettingError(
            f"CX_WORKSPACES: champion of {workspace.id}: one judge reads all workspaces, and this folder holds another "
            "model than CX_SCORER"
        )
    return champion


def workspace_rows(settings: Settings) -> Iterator[dict[str, object]]:
    """Rows of the lake table `workspaces`: one each, and one for every other.

    Raises:
        SettingError: a champion that cannot be used.
    """
    yield {
        "workspace_id": EVERY_OTHER,
        "timezone": settings.timezone,
        "champion_scorer_version": scorer_in_use(settings).scorer_version,
    }
    for workspace in workspaces_of(settings):
        yield {
            "workspace_id": workspace.id,
            "timezone": workspace.timezone or settings.timezone,
            "champion_scorer_version": champion_of(workspace, settings).scorer_version,
        }
