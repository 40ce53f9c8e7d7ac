"""What the mock server says: claims about the transcript in a request, errors, and each fault, as bytes.

A request is not parsed: the frame that `scoring_ops.prompt` draws around a transcript is found in the raw body, so that
an answer costs about 10 us. The claims are valid and quote what was really said; the issue they name holds the frame's
code, by which a client can prove that it got the answer to its own question.
"""

import json
import re
import zlib
from typing import NamedTuple

from benchmarks.mock.behaviour import Fault

try:
    from orjson import dumps, loads
except ImportError:  # slower, equal in all else
    from json import loads

    def dumps(value: object, /) -> bytes:
        """The JSON of a value, as orjson writes it."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


_FRAME = re.compile(rb"frame is ([0-9a-f]{8})\.")
_NEWLINE = rb"\n"  # as JSON escapes it
_QUOTED = 8  # words
_READ = 400  # bytes of a turn
_NEVER_SAID = "words that nobody in this conversation ever said"
_STATUSES = ("resolved", "partly_resolved", "unresolved", "resolved")
_FEELINGS = ("positive", "neutral", "negative", "very_positive")
_PADDING = "The wording of this part of the summary only brings the answer to the length of a real one. "
_SUMMARY = (
    "The customer asked the company for help with one request and described what had happened so far. "
    "The company answered in the same conversation, and the request ended as its status says."
)


class Question(NamedTuple):
    """The transcript found in a request: a key of its words, and what can be quoted from it."""

    key: bytes
    first_customer: tuple[int, str] | None
    last_customer: tuple[int, str] | None
    ai_agent: tuple[int, str] | None
    human_agent: tuple[int, str] | None


def question(body: bytes) -> Question:
    """The transcript of a chat completions request, by the frame around it; without a frame there is only a key."""
    found = _FRAME.search(body)
    if found is None:
        return Question(b"%08x" % zlib.crc32(body), None, None, None, None)
    said = body[found.end() : body.find(b"[%s end]" % found[1], found.end())]
    opening = b"[%s turn " % found[1]
    return Question(
        b"%s-%08x" % (found[1], zlib.crc32(said)),
        _cited(said, opening, said.find(b" customer]")),
        _cited(said, opening, said.rfind(b" customer]")),
        _cited(said, opening, said.find(b" ai_agent]")),
        _cited(said, opening, said.find(b" human_agent]")),
    )


def _cited(said: bytes, opening: bytes, author_at: int) -> tuple[int, str] | None:
    """The number and the first words of the turn whose author stands there; None where that is no frame line."""
    mark_at = said.rfind(opening, 0, author_at + 1)
    if author_at < 0 or mark_at < 0:
        return None
    number = said[mark_at + len(opening) : author_at]
    text_at = said.find(_NEWLINE, author_at) + len(_NEWLINE)
    end = said.find(opening, text_at)
    raw = said[text_at : end if end >= 0 else len(said)].removesuffix(_NEWLINE)
    if not number.isdigit():
        return None
    if len(raw) > _READ:  # no escape holds a space, so that none is cut in two
        raw = raw[: raw.rfind(b" ", 0, _READ) if b" " in raw[:_READ] else len(raw)]
    words: str = loads(b'"%s"' % raw)
    return int(number), " ".join(words.strip().split(" ", _QUOTED)[:_QUOTED])


def claims(asked: Question, min_bytes: int = 0, *, never_said: bool = False) -> dict[str, object]:
    """Valid claims about a transcript that quote it; they differ from transcript to transcript."""

    def evidence(turn: tuple[int, str] | None) -> list[dict[str, object]]:
        return [{"turn": turn[0], "quote": _NEVER_SAID if never_said else turn[1]}] if turn else []

    def quality(turn: tuple[int, str] | None) -> dict[str, object] | None:
        return {"rating": 2 + drawn % 4, "faults": [], "evidence": evidence(turn)} if turn else None

    drawn = zlib.crc32(asked.key)
    status, feeling = _STATUSES[drawn % 4], _FEELINGS[drawn // 4 % 4]
    said = {
        "issues": [
            {"issue": f"request {asked.key.decode()}", "status": status, "evidence": evidence(asked.last_customer)}
        ],
        "sentiment": {
            "start": "neutral",
            "start_evidence": evidence(asked.first_customer),
            "end": feeling,
            "end_evidence": evidence(asked.last_customer),
        },
        "service_quality": [],
        "answer_quality_ai": quality(asked.ai_agent),
        "answer_quality_human": quality(asked.human_agent),
        "customer_effort": None,
        "strong_emotion": [],
        "product_feedback": [],
        "policy_feedback": [],
        "process_fault": [],
        "risk": [],
        "summary": _SUMMARY,
        "language": "en",
        "judge_rating": 1 + drawn % 5,
    }
    missing = min_bytes - len(dumps(said)) if min_bytes else 0
    if missing > 0:
        said["summary"] = f"{_SUMMARY} {_PADDING * (missing // len(_PADDING) + 1)}"
    return said


def claims_json(asked: Question, min_bytes: int = 0) -> str:
    """The claims as a model writes them."""
    return dumps(claims(asked, min_bytes)).decode()


def completion(
    asked: Question, body_bytes: int, content: str | None, finish: str = "stop", refusal: str | None = None
) -> bytes:
    """A chat completion in the real API's envelope, about 550 bytes around the content."""
    tokens, written = body_bytes // 4, len(content or "") // 4
    return dumps(
        {
            "id": f"chatcmpl-{asked.key.decode()}",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": "gpt-4o-mini-2024-07-18",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content, "refusal": refusal, "annotations": []},
                    "logprobs": None,
                    "finish_reason": finish,
                }
            ],
            "usage": {
                "prompt_tokens": tokens,
                "completion_tokens": written,
                "total_tokens": tokens + written,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {
                    "reasoning_tokens": 0,
                    "audio_tokens": 0,
                    "accepted_prediction_tokens": 0,
                    "rejected_prediction_tokens": 0,
                },
            },
            "service_tier": "default",
            "system_fingerprint": "fp_560af6e559",
        }
    )


def error(message: str, kind: str, code: str | None) -> bytes:
    """An error in the real API's form."""
    return dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})


def rate_limited(rate: float, wait: float) -> bytes:
    """The body of the real API's 429."""
    limit = f"{rate * 60:.0f}"
    return error(
        "Rate limit reached for gpt-4o-mini in organization org-benchmark on requests per min (RPM): "
        f"Limit {limit}, Used {limit}, Requested 1. Please try again in {wait * 1000:.0f}ms. "
        "Visit https://platform.openai.com/account/rate-limits to learn more.",
        "requests",
        "rate_limit_exceeded",
    )


def spoiled(fault: Fault, asked: Question, body_bytes: int) -> bytes:
    """A completion that is 200 and still no valid, proven answer. What is no completion is the protocol's."""
    text = claims_json(asked)
    if fault == "truncated":
        return completion(asked, body_bytes, text[: len(text) * 2 // 3], "length")
    if fault == "refusal":
        return completion(asked, body_bytes, None, refusal="I'm sorry, I can't assist with that.")
    if fault == "content_filter":
        return completion(asked, body_bytes, "", "content_filter")
    spoilt: dict[Fault, str] = {
        "invalid_json": "The customer was happy, I would say 5 out of 5.",
        "schema_breaking": text.replace('"judge_rating":', '"extra":"field","judge_rating":1'),
        "wrong_quotes": dumps(claims(asked, never_said=True)).decode(),
        "empty": "",
        "unformatted": f"Here you are:\n```json\n{text}\n```",
    }
    return completion(asked, body_bytes, spoilt[fault])
