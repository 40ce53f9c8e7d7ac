"""Processes that judge the same day at the same time, and that can be killed at any moment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tests.fakes.openai_server import OpenAIServer

PROJECT = Path(__file__).resolve().parents[3]


class Ended(NamedTuple):
    """What a process says became of its day."""

    statuses: dict[str, int]
    elsewhere: int
    calls: int


class Running:
    """A process that judges a day."""

    def __init__(self, cache_url: str, server: OpenAIServer, run_id: str, **told: Any) -> None:
        told = {"count": 60, "first": 0, "per_day": None, "concurrency": 8, **told}
        told |= {"cache_url": cache_url, "base_url": server.base_url, "run_id": run_id}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.scoring_ops.weather.one_run", json.dumps(told)],
            cwd=PROJECT,
            env={**os.environ, "NO_PROXY": "127.0.0.1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ended(self, seconds: float = 90) -> Ended:
        """What it said in the end; a process that hangs or fails is the test's failure."""
        try:
            said, complaint = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        assert self.process.returncode == 0, complaint
        return Ended(**json.loads(said))

    def kill(self) -> None:
        """Ends it as `kill -9` does."""
        self.process.kill()
        self.process.communicate()
