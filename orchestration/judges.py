"""Builds the judge, the scorecard and the budget that the settings ask for, and refuses what cannot work.

The only place that knows which setting chooses which judge. Nothing is called over the network here.
"""

from typing import NamedTuple

from orchestration.settings import SettingError, Settings
from scoring_ops.budget import Budget, BudgetError, Limits, load_prices, price_of
from scoring_ops.cache import JudgementCache
from scoring_ops.judges.protocol import Judge
from scoring_ops.judges.replay import ReplayJudge
from scoring_ops.scorecard import Scorecard, ScorecardError, default_scorecard, load_scorecard
from scoring_ops.scorer import Clock


class ScorerInUse(NamedTuple):
    """The judge and the scorecard that score now, and the versions their rows carry."""

    judge: Judge
    card: Scorecard
    judge_version: str
    scorer_version: str
    is_validated: bool


def scorer_in_use(settings: Settings) -> ScorerInUse:
    """The champion that these settings describe.

    Raises:
        SettingError: a scorer folder that cannot be used, a budget without a price, or a version that the release
            gate does not let through.
    """
    judge = _judge(settings)
    try:
        card = load_scorecard(settings.scorer) if settings.scorer else default_scorecard()
        budget_for(settings, judge, spent_in_run=0, spent_today=0)
    except (ScorecardError, BudgetError) as error:
        raise SettingError(f"CX_SCORER: {error}" if isinstance(error, ScorecardError) else str(error)) from error
    judge_version = judge.identity.version
    scorer_version = f"{judge_version}-card-{card.version}-{card.digest}"
    if settings.release_gate == "enforce":
        raise SettingError(
            f"CX_RELEASE_GATE: scorer version {scorer_version} has no validation report that passes the gate; "
            "under 'enforce' it may not score (use 'warn' to publish its scores marked as unvalidated)"
        )
    return ScorerInUse(judge, card, judge_version, scorer_version, is_validated=False)


def budget_for(settings: Settings, judge: Judge, *, spent_in_run: float, spent_today: float) -> Budget:
    """The budget of a run, given what was spent before.

    Raises:
        BudgetError: a limit is set and the price of the model is unknown.
    """
    prices = load_prices(settings.home / "prices.toml")
    replays = settings.judge == "replay"  # spends nothing, so no limit applies and no price is needed
    limits = Limits() if replays else Limits(settings.budget_usd_per_run, settings.budget_usd_per_day)
    return Budget(price_of(judge.identity, prices), limits, spent_in_run=spent_in_run, spent_today=spent_today)


def run_budget(settings: Settings, judge: Judge, cache: JudgementCache, run_id: str, clock: Clock) -> Budget:
    """The budget left to a run, from the ledger: what this run and this UTC day have spent already."""
    midnight = clock().replace(hour=0, minute=0, second=0, microsecond=0)
    return budget_for(
        settings,
        judge,
        spent_in_run=cache.spent_usd(run_id=run_id),
        spent_today=cache.spent_usd(since=midnight),
    )


def _judge(settings: Settings) -> Judge:
    judge = _openai(settings) if settings.judge_in_use == "openai" else _local()
    return ReplayJudge(judge) if settings.judge == "replay" else judge


def _local() -> Judge:
    from scoring_ops.judges.local.judge import LocalJudge  # noqa: PLC0415  lexicons load only where they are used

    return LocalJudge()


def _openai(settings: Settings) -> Judge:
    from scoring_ops.judges.openai import OpenAIJudge  # noqa: PLC0415  the SDK takes up to a second to import

    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    return OpenAIJudge(model=settings.model or "", base_url=settings.openai_base_url, api_key=key)
