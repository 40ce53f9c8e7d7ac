"""Shadow scorers: candidates that score the same conversations beside the champion and count in no figure of a week.

Each is the folder of a scorer, as in CX_SCORER. A folder of weights alone scores the stored claims of the champion's
judge; a folder with a model asks the built-in judge with that model, which costs nothing. The release gate keeps a
version from being champion, never from being a shadow.
"""

from collections.abc import Iterator
from pathlib import Path

from orchestration.judges import scorer_in_use, scorer_of
from orchestration.settings import SettingError, Settings
from orchestration.workspaces import champions_of

SHIPPED = "default"
"""The name of the weights that ship, for a champion of one's own to be held against."""


def shadows_of(settings: Settings) -> tuple[Settings, ...]:
    """The settings of each shadow, in order; those that are champions anyway are left out.

    Raises:
        SettingError: a folder that cannot be used; the line names it.
    """
    if not settings.shadows:
        return ()
    champions = {scorer_of(one).scorer_version for one in champions_of(settings)}
    found: dict[str, Settings] = {}
    for name in settings.shadows:
        shadow = _shadow(name, settings)
        try:
            version = scorer_of(shadow).scorer_version
        except SettingError as error:
            what = str(error).removeprefix("CX_SCORER: ")
            raise SettingError(f"CX_SHADOW_SCORERS: {name}: {what}") from error
        if version not in champions:
            found.setdefault(version, shadow)
    return tuple(found.values())


def scorers_of(settings: Settings) -> tuple[Settings, ...]:
    """The settings of everything that scores: champions first, then shadows."""
    return (*champions_of(settings), *shadows_of(settings))


def other_judges(settings: Settings) -> Iterator[Settings]:
    """The settings of shadows whose judge is not the champion's, one for each judge: they have to ask themselves."""
    shadows = shadows_of(settings)
    if not shadows:
        return
    known = {scorer_in_use(settings).judge_version}
    for shadow in shadows:
        version = scorer_of(shadow).judge_version
        if version not in known:
            known.add(version)
            yield shadow


def _shadow(name: str, settings: Settings) -> Settings:
    from scoring_ops.judges.trained.model_file import has_model  # noqa: PLC0415  numpy takes a moment to import

    folder = None if name == SHIPPED else Path(name).expanduser().absolute()
    given: dict[str, object] = {"scorer": folder, "release_gate": "warn", "shadow_scorers": ""}
    if folder is not None and has_model(folder):
        given["replay_judge" if settings.judge == "replay" else "judge"] = "local"
    return settings.model_copy(update=given)
