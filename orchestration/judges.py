"""Builds the judge, the scorecard and the budget that the settings ask for, and refuses what cannot work.

The only place that knows which setting chooses which judge. Nothing is called over the network here.
"""

from typing import TYPE_CHECKING, NamedTuple

from pydantic import SecretStr

from orchestration.settings import SettingError, Settings
from scoring_ops import pace
from scoring_ops.budget import Budget, BudgetError, Limits, load_prices, price_of
from scoring_ops.judges.protocol import Judge
from scoring_ops.judges.replay import ReplayJudge
from scoring_ops.pace import Pace
from scoring_ops.scorecard import Scorecard, ScorecardError, default_scorecard, load_scorecard

if TYPE_CHECKING:
    from scoring_ops.judges.batch_endpoint import BatchEndpoint
    from scoring_ops.judges.openai import OpenAIJudge
    from scoring_ops.validation.gate import GateVerdict


class ScorerInUse(NamedTuple):
    """The judge and the scorecard that score now, and the versions their rows carry."""

    judge: Judge
    card: Scorecard
    judge_version: str
    scorer_version: str
    is_validated: bool


def scorer_in_use(settings: Settings) -> ScorerInUse:
    """The champion that these settings describe.

    A folder with a model is for the built-in judge, and its weights are for that model's claims.

    Raises:
        SettingError: a scorer folder that cannot be used or was made for another judge, a budget without a price, or
            a version that the release gate does not let through.
    """
    scorer = scorer_of(settings)
    if settings.release_gate == "enforce" and not scorer.is_validated:
        raise SettingError(
            f"CX_RELEASE_GATE: scorer version {scorer.scorer_version} {gate_complaint(settings, scorer)}; under "
            "'enforce' it may not score (`cxscore validate --store` makes a report, 'warn' publishes its scores marked "
            "as unvalidated)"
        )
    return scorer


def scorer_of(settings: Settings) -> ScorerInUse:
    """The scorer that these settings describe, whether the release gate lets it through or not.

    Raises:
        SettingError: a scorer folder that cannot be used, a budget without a price, a stored report that is none.
    """
    judge = _judge(settings)
    try:
        card = load_scorecard(settings.scorer) if settings.scorer else default_scorecard()
        budget_of(settings, judge)
    except ScorecardError as error:
        raise SettingError(f"CX_SCORER: {error}") from error
    except BudgetError as error:
        raise SettingError(str(error)) from error
    judge_version = judge.identity.version
    scorer_version = f"{judge_version}-card-{card.version}-{card.digest}"
    verdict = _verdict(settings, scorer_version)
    return ScorerInUse(judge, card, judge_version, scorer_version, is_validated=verdict is not None and verdict.passed)


def gate_complaint(settings: Settings, scorer: ScorerInUse) -> str:
    """Why a version does not count as validated, as the rest of a sentence about it."""
    verdict = _verdict(settings, scorer.scorer_version)
    if verdict is None:
        return "has no validation report that passes the gate"
    return f"has a validation report that fails the gate: {verdict.summary}"


def _verdict(settings: Settings, scorer_version: str) -> "GateVerdict | None":
    if not (settings.home / "validation").exists():
        return None
    from orchestration.validation_store import verdict_of  # noqa: PLC0415  reports bring numpy along

    return verdict_of(settings, scorer_version)


def budget_of(settings: Settings, judge: Judge) -> Budget:
    """The price of a judge and the limits of the settings.

    Raises:
        BudgetError: a limit is set and the price of the model is unknown.
    """
    prices = load_prices(settings.home / "prices.toml")
    replays = settings.judge == "replay"  # spends nothing, so no limit applies and no price is needed
    limits = Limits() if replays else Limits(settings.budget_usd_per_run, settings.budget_usd_per_day)
    return Budget(price_of(judge.identity, prices), limits)


def batch_judge(settings: Settings) -> "OpenAIJudge":
    """The judge in use where it can be asked in batches.

    Raises:
        SettingError: it cannot, or it may not score.
    """
    if settings.judge != "openai":
        raise SettingError(f"CX_JUDGE: batches run at an endpoint, not with judge {settings.judge!r}; set it to openai")
    scorer_in_use(settings)
    return _openai(settings)


def batch_endpoint(settings: Settings, *, deadline: float = 60.0) -> "BatchEndpoint":
    """Where batches of the judge in use run: the first endpoint of the settings."""
    from scoring_ops.judges.batch_endpoint import BatchEndpoint  # noqa: PLC0415  the SDK takes a second to import
    from scoring_ops.judges.chat import OPENAI_URL  # noqa: PLC0415

    key = settings.openai_api_key or SecretStr("")
    return BatchEndpoint((*settings.endpoints, OPENAI_URL)[0], key, deadline=deadline)


def _judge(settings: Settings) -> Judge:
    _refuse_foreign_model(settings)
    judge = _openai(settings) if settings.judge_in_use == "openai" else _local(settings)
    return ReplayJudge(judge) if settings.judge == "replay" else judge


def _refuse_foreign_model(settings: Settings) -> None:
    from scoring_ops.judges.trained.model_file import has_model  # noqa: PLC0415

    if settings.judge_in_use == "openai" and settings.scorer and has_model(settings.scorer):
        raise SettingError(
            f"CX_SCORER: {settings.scorer} holds a model for judge local, not for {settings.judge_in_use}"
        )


def _local(settings: Settings) -> Judge:
    """The built-in judge, with the model of the scorer's folder where there is one."""
    from scoring_ops.judges.local.judge import LocalJudge  # noqa: PLC0415  lexicons load only where they are used
    from scoring_ops.judges.trained.model_file import ModelFileError, has_model, load_model  # noqa: PLC0415

    if settings.scorer is None or not has_model(settings.scorer):
        return LocalJudge()
    from scoring_ops.judges.trained.judge import TrainedJudge  # noqa: PLC0415
    from scoring_ops.judges.trained.sentence_model import EmbedderMissing, SentenceModel  # noqa: PLC0415

    try:
        model = load_model(settings.scorer)
        return TrainedJudge(model, SentenceModel() if model.embedder else None)
    except (ModelFileError, EmbedderMissing, ValueError) as error:
        raise SettingError(f"CX_SCORER: {error}") from error


def _openai(settings: Settings) -> "OpenAIJudge":
    from scoring_ops.judges.openai import OpenAIJudge  # noqa: PLC0415  the SDK takes up to a second to import

    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    return OpenAIJudge(
        model=settings.model or "",
        base_url=settings.endpoints,
        api_key=key,
        timeout=settings.timeout_seconds,
        window_tokens=settings.window_tokens,
        max_concurrency=settings.max_concurrency,
        pace=Pace(pace.Limits(settings.rpm, settings.tpm)),
    )
