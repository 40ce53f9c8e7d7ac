"""The local judge with a trained model: the lexical claims, with the model's word on mood, outcome and effort.

Trained heads decide how the customer left, whether the matter was solved and how hard it was; each such claim cites the
sentence that weighs most on the head's own scale. All else is the lexical judge's. Nothing is downloaded.
"""

import hashlib
from collections.abc import Iterable, Mapping

from scoring_ops.claims import Citation, Claims, EffortClaim, IssueClaim, Resolution, Sentiment, SentimentClaim
from scoring_ops.judges.local.judge import LocalJudge, claims_from
from scoring_ops.judges.local.quotes import cite
from scoring_ops.judges.local.reading import Reading, Said, read
from scoring_ops.judges.local.signals import Sentence
from scoring_ops.judges.protocol import Answer, JudgeIdentity, Usage, content_key
from scoring_ops.judges.trained.features import Embedder, features_of, gram_vector
from scoring_ops.judges.trained.model import NEUTRAL, Head, Line, Model
from scoring_ops.scorecard import default_scorecard
from scoring_ops.transcript import Transcript

DIGEST_LENGTH = 8
SENTENCES_WEIGHED = 24  # of a conversation, the last ones
_SENTIMENTS: tuple[Sentiment, ...] = ("very_negative", "negative", "neutral", "positive", "very_positive")
_OPEN: frozenset[Resolution] = frozenset({"partly_resolved", "unclear"})


class TrainedJudge:
    """The embedded judge with a model that labels have trained."""

    def __init__(self, model: Model, embedder: Embedder | None = None) -> None:
        """Nothing is read yet.

        Args:
            model: the trained lines.
            embedder: the one the model names, where it names one.

        Raises:
            ValueError: the model needs another embedder.
        """
        if (embedder.name if embedder else "") != model.embedder:
            raise ValueError(f"the model needs the embedder {model.embedder or 'none'!r}")
        self._model, self._embedder = model, embedder
        self._card = default_scorecard()
        told = f"{LocalJudge().identity.digest}\0{model.checksum}"
        self._identity = JudgeIdentity("local", "trained", hashlib.sha256(told.encode()).hexdigest()[:DIGEST_LENGTH])

    @property
    def identity(self) -> JudgeIdentity:
        """The lexical judge beneath and the model's checksum: nothing else changes an answer."""
        return self._identity

    def cache_key(self, transcript: Transcript) -> str:
        """The key of this judge's answer: who it is, and who said what in which order."""
        said = [(turn.author_type, turn.text) for turn in transcript.turns]
        return content_key({"judge": self.identity, "turns": said})

    def most_usage(self, transcript: Transcript) -> Usage:  # noqa: ARG002
        """No tokens: nothing leaves the process."""
        return Usage(0, 0)

    def usual_usage(self, transcript: Transcript) -> Usage:  # noqa: ARG002
        """No tokens."""
        return Usage(0, 0)

    async def judge(self, transcript: Transcript) -> Answer:
        """The claims about a transcript; costs no tokens and never fails."""
        return Answer(self.claims_about(transcript).model_dump_json(), Usage(None, None))

    async def aclose(self) -> None:
        """Nothing was opened."""

    def claims_about(self, transcript: Transcript) -> Claims:
        """All claims about a transcript, each with words that stand in it."""
        reading = read(transcript)
        claims = claims_from(reading)
        levels = self._model.levels(features_of(reading, claims, self._card, self._embedder))
        return claims_at(levels, reading, claims, self._model)


def claims_at(levels: Mapping[Head, int], reading: Reading, claims: Claims, model: Model | None = None) -> Claims:
    """The claims with the model's levels in place of the lexical judge's words.

    Without a model the values are the same and the quotes plain: enough to fit a scorecard with.
    """
    changed: dict[str, object] = {}
    if "satisfaction" in levels:
        changed["sentiment"] = _sentiment(levels["satisfaction"], reading, claims, model)
        changed["judge_rating"] = levels["satisfaction"]
    if "resolution" in levels:
        changed["issues"] = tuple(_issue(levels["resolution"], reading, issue, model) for issue in claims.issues)
    if "effort" in levels:
        changed["customer_effort"] = _effort(levels["effort"], reading, claims, model)
    return claims.model_copy(update=changed)


def _sentiment(level: int, reading: Reading, claims: Claims, model: Model | None) -> SentimentClaim | None:
    before = claims.sentiment
    evidence = _heaviest("satisfaction", level, reading.customer, model) or (before.end_evidence if before else ())
    if not evidence:
        return before
    start, told = (before.start, before.start_evidence) if before else ("not_detectable", ())
    return SentimentClaim(start=start, start_evidence=told, end=_SENTIMENTS[level - 1], end_evidence=evidence)


def _issue(level: int, reading: Reading, issue: IssueClaim, model: Model | None) -> IssueClaim:
    if level == NEUTRAL:
        return issue if issue.status in _OPEN else issue.model_copy(update={"status": "partly_resolved"})
    status: Resolution = "unresolved" if level < NEUTRAL else "resolved"
    if status == issue.status:
        return issue
    spoken = reading.replies or reading.agents or reading.customer
    evidence = _heaviest("resolution", level, spoken, model) or issue.evidence
    return issue.model_copy(update={"status": status, "evidence": evidence})


def _effort(level: int, reading: Reading, claims: Claims, model: Model | None) -> EffortClaim | None:
    before = claims.customer_effort
    if level == NEUTRAL:
        return None
    if level > NEUTRAL:
        evidence = _heaviest("effort", level, reading.customer, model)
        return EffortClaim(level="low", drivers=(), evidence=evidence) if evidence else None
    evidence = before.evidence if before and before.drivers else _heaviest("effort", level, reading.customer, model)
    if not evidence:
        return None
    drivers = before.drivers if before else ()
    return EffortClaim(level="high" if level == 1 else "moderate", drivers=drivers, evidence=evidence)


def _heaviest(head: Head, level: int, turns: tuple[Said, ...], model: Model | None) -> tuple[Citation, ...]:
    """The citation of the sentence that speaks most for a level; the latest where none does."""
    line = None if model is None or level == NEUTRAL else model.line(head, "-" if level < NEUTRAL else "+")
    places = [(said, sentence) for said in turns for sentence in said.sentences][-SENTENCES_WEIGHED:]
    if line is not None:
        sign = -1.0 if level < NEUTRAL else 1.0
        places.sort(key=lambda place: sign * _weight(line, place[0], place[0].turn.text[place[1].start : place[1].end]))
    return _first_citation(reversed(places), turns)


def _weight(line: Line, said: Said, text: str) -> float:
    columns, values = gram_vector(text)
    if said.author != "customer":
        return line.weigh("agent", columns, values) + line.weigh("last_agent", columns, values)
    weight = line.weigh("customer", columns, values)
    return weight + line.weigh("replies", columns, values) if said.answered else weight


def _first_citation(places: Iterable[tuple[Said, Sentence]], turns: tuple[Said, ...]) -> tuple[Citation, ...]:
    quoted = (found for said, sentence in places if (found := cite(said, sentence)))
    return next(quoted, None) or next((found for said in reversed(turns) if (found := cite(said))), ())
