"""Lake table `ledger`: what each judge was asked on each UTC day, attempts that failed too, by what came of them."""

from expectations.schemas.columns import day, number, table, text, whole
from scoring_ops.judges.protocol import Status

SCHEMA = table(
    "ledger",
    {
        "called_on": day(),
        "judge_version": text(),
        "model": text(),
        "status": text(one_of=Status),
        "calls": whole(at_least=1),
        "input_tokens": whole(),
        "output_tokens": whole(),
        "cost_usd": number(),
        "unpriced": whole(),
    },
    key=("called_on", "judge_version", "model", "status"),
)
