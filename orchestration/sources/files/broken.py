"""What is raised where no conversation can be made of a record; caught in `source.py`, where it becomes `Rejected`."""


class Broken(Exception):
    """A rule that a record broke (snake_case) and how, without any text of the conversation."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule
        self.detail = detail
