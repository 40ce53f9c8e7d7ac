"""bespokelabs-curator with a pydantic model; its files of requests and responses are part of what it does.

It is told limits that it never reaches, and that it may have as many calls at once as the others.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ |= {
    "CURATOR_DISABLE_RICH_DISPLAY": "1",
    "TELEMETRY_ENABLED": "false",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "OPENAI_API_KEY": "none",
    "HF_HUB_OFFLINE": "1",
}

import litellm

# The vocabulary that its token counter would else download.
os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(litellm.__file__).parent / "litellm_core_utils/tokenizers")

from bespokelabs import curator

from benchmarks.peers.answer import Claims
from benchmarks.peers.client import options, serve_batches
from benchmarks.peers.workload import MODEL, SYSTEM, Request

asked = options()
os.environ["OPENAI_BASE_URL"] = asked.base_url


class Reviewer(curator.LLM):
    """Asks for the claims about a transcript."""

    response_format = Claims

    def prompt(self, row: dict[str, str]) -> str:
        """The user message."""
        return row["user"]

    def parse(self, _: dict[str, str], claims: Claims) -> dict[str, str]:
        """The issue that the validated answer names."""
        return {"issue": claims.issues[0].issue}


def batch(questions: Sequence[Request]) -> Sequence[str]:
    """The issues of the answers, in the order of the questions."""
    reviewer = Reviewer(
        model_name=MODEL,
        backend="openai",
        system_prompt=SYSTEM,
        generation_params={"temperature": 0, "max_tokens": 1024},
        backend_params={
            "max_requests_per_minute": 10_000_000,
            "max_tokens_per_minute": 100_000_000_000,
            "max_concurrent_requests": asked.concurrency,
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        answers = reviewer([question._asdict() for question in questions], working_dir=folder)
        return list(answers.dataset["issue"])


serve_batches(batch)
