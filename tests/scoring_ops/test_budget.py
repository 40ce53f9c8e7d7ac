"""Prices and budgets: data that a user may override, and a refusal where a limit could not be kept."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from scoring_ops.budget import Budget, BudgetError, Limits, Price, load_prices, price_of
from scoring_ops.judges.protocol import JudgeIdentity, Usage


def test_the_shipped_table_knows_that_the_local_judge_is_free() -> None:
    price = price_of(JudgeIdentity("local", "lexicon", "x"), load_prices())
    assert price is not None
    assert price.cost(Usage(1_000_000, 1_000_000)) == 0


def test_own_prices_win_over_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    own.write_text('["openai/gpt-4o-mini"]\ninput = 1.0\noutput = 2.0\n', encoding="utf-8")
    prices = load_prices(own)
    assert prices["openai/gpt-4o-mini"].cost(Usage(1_000_000, 500_000)) == 2.0
    assert "local/lexicon" in prices


@pytest.mark.parametrize("content", ["not toml [", '["a/b"]\ninput = -1\noutput = 0\n', '["a/b"]\ninput = 1\n'])
def test_a_broken_price_table_is_named(tmp_path: Path, content: str) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(content, encoding="utf-8")
    with pytest.raises(BudgetError, match=r"prices\.toml: not a price table"):
        load_prices(own)


def test_a_limit_without_a_price_is_refused_at_the_start() -> None:
    with pytest.raises(BudgetError, match="the model's price is unknown"):
        Budget(None, Limits(per_run=1))


def test_without_a_price_cost_is_unknown_and_nothing_stops() -> None:
    budget = Budget(None, Limits())
    assert budget.reserve(Usage(10**9, 10**9)) == 0
    assert budget.cost(Usage(1, 1)) is None
    assert not budget.is_limited


def test_input_that_the_provider_had_cached_costs_less_where_the_price_is_known() -> None:
    usage = Usage(1_000_000, 0, 600_000)
    assert Price(input=1.0, output=4.0, cached_input=0.1).cost(usage) == pytest.approx(0.4 + 0.06)
    assert Price(input=1.0, output=4.0).cost(usage) == pytest.approx(1.0)


def test_limits_are_kept_in_whole_billionths_by_run_and_by_utc_day() -> None:
    budget = Budget(Price(input=0.15, output=0.6), Limits(per_run=1.5, per_day=20))
    late = datetime(2026, 3, 3, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert budget.caps("r1", late) == {"run/r1": 1_500_000_000, "day/2026-03-02": 20_000_000_000}
    assert budget.reserve(Usage(1, 1)) == 750
    assert Budget(None, Limits()).caps("r1", late) == {}
