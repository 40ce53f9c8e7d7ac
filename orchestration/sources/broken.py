"""What is raised where no conversation can be made of a record; caught by its source, where it becomes `Rejected`."""

from pydantic import ValidationError


class Broken(Exception):
    """A rule that a record broke (snake_case) and how, without any text of the conversation."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule
        self.detail = detail


def first_problem(error: ValidationError) -> str:
    """The first thing that a model refused, by the place of its field and never with its value."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in problems[0]["loc"])
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{place.lstrip('.')}: {problems[0]['msg']}{more}"
