"""What a check found, in one shape for every engine: Pandera on lake tables, Great Expectations on marts.

An outcome may be logged, stored as metadata and shown to anybody: it names rules, columns and conversation ids and
never holds a text of a conversation. How an outcome becomes a Dagster result is not known here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

EXAMPLES = 5  # ids kept per failure: enough to look one up, too few to flood a log


@dataclass(frozen=True)
class Failure:
    """One rule that rows of a table break.

    `column` is empty for a rule about the table itself; `count` is the number of rows, or 1 where the whole table
    breaks the rule; `example_ids` name some of them.
    """

    rule: str
    column: str
    count: int
    example_ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f" on {self.column}" if self.column else ""
        examples = f" ({', '.join(self.example_ids)})" if self.example_ids else ""
        return f"{self.rule}{where}: {self.count:,}{examples}"


@dataclass(frozen=True)
class CheckOutcome:
    """Whether a table keeps its rules, and every rule that it breaks."""

    passed: bool
    summary: str
    failures: tuple[Failure, ...] = ()


def outcome_of(table: str, rows: int, failures: Iterable[Failure]) -> CheckOutcome:
    """The outcome of a check of `rows` rows of a table: passed where there is no failure."""
    failures = tuple(failures)
    if not failures:
        return CheckOutcome(passed=True, summary=f"{table}: {rows:,} rows keep every rule")
    listed = "; ".join(map(str, failures))
    broken = "1 rule" if len(failures) == 1 else f"{len(failures)} rules"
    return CheckOutcome(
        passed=False, summary=f"{table}: {broken} broken among {rows:,} rows: {listed}", failures=failures
    )
