"""Bias checks of a scorer: copies of labelled conversations are judged through the cache and their scores compared.

Costs what judging the copies costs, once. What is copied and how it is judged apart is `scoring_ops/bias`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestration.labels import LabelledSet
from orchestration.settings import Settings
from orchestration.validation import Told, nobody, score_all
from scoring_ops.bias.effects import Agreement, Effect, Pair, Slope, effect, language_agreement, politeness, slopes
from scoring_ops.bias.variants import VARIANTS
from scoring_ops.calibration.groups import without_language
from scoring_ops.score import ConversationScore
from scoring_ops.validation.labels import Labelled
from scoring_ops.words import count_words

Scores = Mapping[str, ConversationScore]


class BiasReport(NamedTuple):
    """All checks of one scorer on one set of conversations."""

    scorer_version: str
    labels: str
    n: int
    effects: tuple[Effect, ...]
    slopes: tuple[Slope, ...]
    languages: Agreement | None

    @property
    def passed(self) -> bool:
        """True where no check failed."""
        return all(one.passed is not False for one in self.effects)


def copies_of(labelled: Sequence[Labelled]) -> dict[str, list[tuple[Labelled, Labelled]]]:
    """The two copies of each conversation for each check that it has something for, under names of their own."""
    found: dict[str, list[tuple[Labelled, Labelled]]] = {}
    for variant in VARIANTS:
        for one in labelled:
            copies = variant.copies(one.conversation)
            if copies is not None:
                plain, changed = (
                    copy.model_copy(update={"conversation_id": f"{one.conversation.conversation_id}#{variant.name}{n}"})
                    for n, copy in enumerate(copies)
                )
                found.setdefault(variant.name, []).append((Labelled(plain, one.label), Labelled(changed, one.label)))
    return found


def bias_report(
    settings: Settings, labels: LabelledSet, other: LabelledSet | None = None, told: Told = nobody
) -> BiasReport:
    """The checks of the scorer that the settings describe.

    Args:
        settings: say which scorer.
        labels: conversations, masked; what people said tells a slope of the scorer from one of the conversations.
        other: the same conversations in another language, with ids that differ in it alone.
        told: hears how far it has come.

    Raises:
        SettingError: a scorer that cannot be used.
        CacheError: answers cannot be kept.
    """
    copies = copies_of(labels.labelled)
    beside = list(other.labelled) if other else []
    every = [*labels.labelled, *beside, *(copy for some in copies.values() for pair in some for copy in pair)]
    version, scores = score_all(settings, every, told)
    effects = tuple(
        effect(v.name, v.what, _pairs(copies.get(v.name, []), scores), is_one_sided=v.is_one_sided) for v in VARIANTS
    )
    scored = [one for one in labels.labelled if one.key in scores]
    return BiasReport(
        version,
        labels.name,
        len(scored),
        effects,
        tuple(_slopes(scored, scores)),
        language_agreement(_language_pairs(scored, beside, scores)) if beside else None,
    )


def _pairs(copies: Sequence[tuple[Labelled, Labelled]], scores: Scores) -> list[Pair]:
    return [
        _pair(plain.conversation.conversation_id.rpartition("#")[0], scores[plain.key], scores[changed.key])
        for plain, changed in copies
        if plain.key in scores and changed.key in scores
    ]


def _pair(key: str, one: ConversationScore, other: ConversationScore) -> Pair:
    return Pair(key, one.raw_score, other.raw_score, one.score, other.score)


def _language_pairs(one: Sequence[Labelled], other: Sequence[Labelled], scores: Scores) -> list[Pair]:
    twins = {without_language(twin.conversation.conversation_id): twin for twin in other if twin.key in scores}
    names = ((without_language(each.conversation.conversation_id), each) for each in one)
    return [_pair(name, scores[each.key], scores[twins[name].key]) for name, each in names if name in twins]


def _slopes(labelled: Sequence[Labelled], scores: Scores) -> list[Slope]:
    raw = [scores[one.key].raw_score for one in labelled]
    said = [[m.text for m in one.conversation.spoken if m.author_type == "customer"] for one in labelled]
    words = [sum(count_words(m.text) for m in one.conversation.spoken) for one in labelled]
    people = [one.label["score"].value if "score" in one.label else None for one in labelled]
    return slopes(raw, words, [politeness(texts) for texts in said], people)
