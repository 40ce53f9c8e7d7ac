"""The judge that asks an LLM through OpenAI-compatible endpoints: what is asked, and what an answer comes to.

One request per conversation, or one per window and a last pass for a long one; an answer that is no valid claims is
asked for again, a bounded number of times. How requests reach an endpoint is `fleet.py` and `chat.py`; masking,
caching and budgets are the scorer's.
"""

import asyncio
import logging
from collections.abc import Sequence
from functools import lru_cache
from time import perf_counter
from typing import Self

from pydantic import BaseModel, SecretStr

from scoring_ops.claims import Claims
from scoring_ops.judges.batch import OnlyRequest, only_request
from scoring_ops.judges.chat import OPENAI_URL, ChatEndpoint, Failure, Reply
from scoring_ops.judges.completion import AnswerMessage, Choice, answer_error, answer_text
from scoring_ops.judges.dialect import Dialect, Sampling, concession, first_dialect, request_body
from scoring_ops.judges.fleet import PATIENCE, Answered, Fleet
from scoring_ops.judges.protocol import (
    Answer,
    JudgeError,
    JudgeIdentity,
    ModelUnavailable,
    Refused,
    SchemaBroken,
    Status,
    Try,
    Usage,
    content_key,
)
from scoring_ops.judges.strict_schema import claims_schema, strict_schema
from scoring_ops.merging import merge
from scoring_ops.pace import Limits, Pace
from scoring_ops.prompt import (
    PROMPT_VERSION,
    ChatMessage,
    chat_messages,
    instructions,
    repair_messages,
    shortened,
)
from scoring_ops.reconciliation import Reconciliation, reconcile
from scoring_ops.transcript import Transcript
from scoring_ops.window_prompt import note, reconciliation_messages, reconciliation_tokens
from scoring_ops.windows import WINDOW_TOKENS, WINDOWS_VERSION, Window, tokens_at_most, windows

Messages = tuple[ChatMessage, ...]

_log = logging.getLogger(__name__)
_DIGEST_LENGTH = 8
MAX_OUTPUT_TOKENS = 4096
_USUAL_ANSWER = 400  # tokens of the claims about a conversation of some ten turns


@lru_cache(maxsize=1024)
def _requests(transcript: Transcript, window_tokens: int) -> tuple[tuple[Window, Messages], ...]:
    """The windows of a transcript, each with its request: made once for its money, its question and its key."""
    return tuple((window, chat_messages(window, note(window))) for window in windows(transcript, window_tokens))


class _Tries:
    """The answered requests of one conversation so far."""

    def __init__(self) -> None:
        self.made: list[Try] = []

    @property
    def usage(self) -> Usage:
        return sum((made.usage for made in self.made), start=Usage())

    def add(self, usage: Usage, status: Status, began: float) -> None:
        self.made.append(Try(usage, status, (perf_counter() - began) * 1000))

    def fail(self, kind: type[JudgeError], detail: str) -> JudgeError:
        return kind(detail, self.usage, tuple(self.made))


class OpenAIJudge:
    """Reads transcripts with the chat completions API of one model, at one endpoint or several."""

    def __init__(
        self,
        model: str,
        *,
        api_key: str | None = None,
        base_url: str | Sequence[str] | None = None,
        temperature: float | None = 0.0,
        seed: int | None = 7,
        max_output_tokens: int = MAX_OUTPUT_TOKENS,
        window_tokens: int = WINDOW_TOKENS,
        repair_attempts: int = 2,
        timeout: float = 120.0,
        max_retries: int = 4,
        patience: float = PATIENCE,
        max_concurrency: int = 64,
        pace: Pace | None = None,
    ) -> None:
        """No request is made and no client opened before the first conversation.

        Args:
            model: the model's name, as the endpoints know it.
            api_key: the key; None for a local server that asks for none. The environment is not read.
            base_url: the endpoint up to and including its version, such as "http://localhost:8000/v1", or several.
            temperature: None leaves it to the server.
            seed: None leaves it out.
            max_output_tokens: the limit of one answer.
            window_tokens: the most that the turns of one request may take; longer transcripts are read in parts.
            repair_attempts: how often an answer that is no valid claims is asked for again.
            timeout: seconds within which an answer must be there.
            max_retries: how often a request that breaks is repeated; a refusal for load does not count.
            patience: seconds for which a conversation goes on where the endpoint refuses it for load.
            max_concurrency: the most requests at once at one endpoint.
            pace: the limits of the settings.
        """
        urls = [base_url] if isinstance(base_url, str) else list(base_url or [OPENAI_URL])
        key = SecretStr(api_key or "")
        self.endpoints = tuple(ChatEndpoint(url, key, deadline=timeout) for url in urls)
        self._sampling = Sampling(temperature, seed, max_output_tokens)
        self._repair_attempts, self._window_tokens = repair_attempts, window_tokens
        self._fleet = Fleet(
            [(chat, first_dialect(hosted=chat.hosted)) for chat in self.endpoints],
            pace or Pace(Limits()),
            most_in_flight=max_concurrency,
            attempts=max_retries + 1,
            patience=patience,
        )
        family = "openai" if all(chat.hosted for chat in self.endpoints) else "compatible"
        asked = [PROMPT_VERSION, instructions(), claims_schema(), self._sampling]
        in_parts = [WINDOWS_VERSION, window_tokens, strict_schema(Reconciliation)]
        self._identity = JudgeIdentity(family, model, content_key([*asked, *in_parts])[:_DIGEST_LENGTH])
        self._fixed_key = content_key([family, model, asked])
        self._parts_key = content_key([self._fixed_key, *in_parts])

    def __repr__(self) -> str:
        return f"OpenAIJudge({self._identity.version!r}, hosts={[chat.host for chat in self.endpoints]!r})"

    @property
    def identity(self) -> JudgeIdentity:
        """What this judge's answers depend on."""
        return self._identity

    def cache_key(self, transcript: Transcript) -> str:
        """Hex sha256 of the family, model, messages, schema and sampling parameters.

        The parts equal for all transcripts enter as their own hash, so that a key costs no second reading of the rules.
        """
        shown = [messages[1].content for _, messages in _requests(transcript, self._window_tokens)]
        return content_key([self._fixed_key if len(shown) == 1 else self._parts_key, *shown])

    def most_usage(self, transcript: Transcript) -> Usage:
        """Every attempt, each with the answers before it and one of full length, for every window and the last pass."""
        questions = self._questions(transcript)
        most = sum((self._most(question) for question in questions), start=Usage(0, 0))
        if len(questions) > 1:
            most += Usage(reconciliation_tokens(len(questions)), self._sampling.max_output_tokens)
        return most

    def usual_usage(self, transcript: Transcript) -> Usage:
        """One request per window, of half the tokens it may have at most, with a usual answer."""
        questions = self._questions(transcript)
        return Usage(sum(questions) // 2, _USUAL_ANSWER * len(questions))

    def only_request(self, transcript: Transcript, dialect: Dialect | None = None) -> OnlyRequest | None:
        """What is sent first about a transcript that is read in one part, as the first endpoint takes it; else None."""
        (_, messages), *more = _requests(transcript, self._window_tokens)
        if more:
            return None
        taken = dialect or self._fleet.members[0].dialect
        body = request_body(self._identity.model, messages, Claims, self._sampling, taken)
        return only_request(body, self._sampling.max_output_tokens)

    async def judge(self, transcript: Transcript) -> Answer:
        """The claims about a transcript, as the model's own JSON text where it was read in one part.

        Raises:
            Refused: the model or a content filter declined.
            SchemaBroken: no valid claims after the repair attempts.
            EndpointRejected: 401, 402, 403, 404, an exhausted quota, or no endpoint has answered for long.
            ModelUnavailable: any other failure, after the retries.
        """
        requests, tries = _requests(transcript, self._window_tokens), _Tries()
        texts = [await self._claims(messages, tries) for _, messages in requests]
        cut = [window for window, _ in requests]
        text = texts[0] if len(cut) == 1 else await self._united(cut, texts, tries)
        return Answer(text, tries.usage, len(cut), tuple(tries.made))

    async def aclose(self) -> None:
        """Close the connections; the next conversation opens new ones, in whatever loop runs then."""
        await self._fleet.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _questions(self, transcript: Transcript) -> list[int]:
        """The most tokens that each window's request can have, rules and schema included."""
        fixed = tokens_at_most(instructions()) + tokens_at_most(str(claims_schema()))
        return [fixed + tokens_at_most(shown.content) for _, (_, shown) in _requests(transcript, self._window_tokens)]

    def _most(self, question: int) -> Usage:
        answer, repairs = self._sampling.max_output_tokens, self._repair_attempts
        earlier_answers = answer * repairs * (repairs + 1) // 2
        return Usage(question * (1 + repairs) + earlier_answers, answer * (1 + repairs))

    async def _claims(self, request: Messages, tries: _Tries) -> str:
        """The text of valid claims about a window, repaired where the first answer is none."""
        messages, broken = request, ""
        for _ in range(self._repair_attempts + 1):
            began = perf_counter()
            choice, usage = await self._ask(messages, Claims, tries)
            if choice.refused is not None:
                tries.add(usage, "refused", began)
                raise tries.fail(Refused, choice.refused)
            text = answer_text(choice.message.content)
            error = answer_error(text, Claims, to_its_author=True)
            tries.add(usage, "schema_error" if error else "scored", began)
            if error is None:
                return text
            if choice.finish_reason == "length":
                broken, messages = "the answer ran into the token limit", shortened(request)
            else:
                broken = answer_error(text, Claims) or ""
                messages = (*request, *repair_messages(text, error, claims_schema()))
        raise tries.fail(SchemaBroken, f"no valid claims in {self._repair_attempts + 1} answers: {broken}")

    async def _united(self, cut: Sequence[Window], texts: Sequence[str], tries: _Tries) -> str:
        """The claims of all windows as one; the last pass may group and choose, and is done without where it fails."""
        parts = [Claims.model_validate_json(text) for text in texts]
        merged = await asyncio.to_thread(merge, parts, cut)  # a hostile answer can take seconds
        began = perf_counter()
        try:
            choice, usage = await self._ask(reconciliation_messages(merged, parts, cut), Reconciliation, tries)
        except JudgeError as error:
            _log.warning("a long conversation was merged without its last pass: %s", type(error).__name__)
            return merged.model_dump_json()
        answer = answer_text(choice.message.content)
        broken = choice.refused is not None or answer_error(answer, Reconciliation) is not None
        tries.add(usage, "schema_error" if broken else "scored", began)
        return (merged if broken else reconcile(merged, answer)).model_dump_json()

    async def _ask(
        self, messages: tuple[ChatMessage, ...], answer: type[BaseModel], tries: _Tries
    ) -> tuple[Choice, Usage]:
        """The first choice of a completion, asked for in the richest dialect that the endpoint takes."""
        model, sampling = self._identity.model, self._sampling
        most = sum(tokens_at_most(m.content) for m in messages) + sampling.max_output_tokens
        while True:
            try:
                answered = await self._fleet.send(
                    lambda dialect: request_body(model, messages, answer, sampling, dialect), most
                )
            except JudgeError as error:
                failure = tries.fail(type(error), str(error))
            else:
                outcome = answered.outcome
                if isinstance(outcome, Reply):
                    counts = outcome.completion.usage
                    return outcome.completion.choices[0], counts.usage if counts else Usage()
                if outcome.kind == "invalid_answer":
                    return Choice(message=AnswerMessage()), Usage()
                if outcome.kind == "bad_request" and self._conceded(answered, outcome):
                    continue
                failure = tries.fail(Refused if outcome.kind == "refused" else ModelUnavailable, outcome.detail)
            # Raised outside the handler: nothing that holds the request's headers is chained to it.
            raise failure

    def _conceded(self, answered: Answered, failure: Failure) -> bool:
        """True where the request should be sent again in another dialect; concurrent calls concede a feature once."""
        narrower = concession(answered.dialect, failure.parameter, failure.message)
        if narrower is None:
            return False
        member = answered.member
        if member.dialect == answered.dialect:
            member.dialect = narrower
            _log.warning("%s: asking on as %s, for: %s", member.chat.host, narrower, failure.detail)
        return True
