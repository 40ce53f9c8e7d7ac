"""One process that judges a day: `python -m tests.scoring_ops.weather.one_run '<json>'`; prints what became of it."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Any

from scoring_ops.budget import Budget, Limits
from scoring_ops.cache import open_cache
from scoring_ops.scorer import Judged
from tests.scoring_ops.weather.books import DEAR, a_day, a_judge, a_scorer


def main(told: dict[str, Any]) -> None:
    """Judges `count` conversations from number `first` on with the cache and the endpoint told."""

    async def run() -> Judged:
        async with a_judge(told["base_url"], max_output_tokens=1000, repair_attempts=0) as judge:
            scorer = a_scorer(
                judge,
                cache,
                budget=Budget(DEAR, Limits(per_day=told["per_day"])),
                run_id=told["run_id"],
                concurrency=told["concurrency"],
                clock=lambda: datetime(2026, 3, 2, 12, tzinfo=UTC),
            )
            return await scorer.judge_all(a_day(told["count"], told["first"]))

    with open_cache(told["cache_url"]) as cache:
        done = asyncio.run(run())
    print(json.dumps({"statuses": done.statuses, "elsewhere": done.elsewhere, "calls": done.calls}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
