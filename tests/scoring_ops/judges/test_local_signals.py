"""What one message says to the local judge: negation, intensity, contrast, wishes, in four languages."""

import pytest

from scoring_ops.judges.local.language import identify_language
from scoring_ops.judges.local.lexicon import lexicon
from scoring_ops.judges.local.signals import Sentence, read_sentences
from scoring_ops.judges.local.tokens import sentences
from scoring_ops.transcript import Turn


def said(text: str, language: str = "en") -> tuple[Sentence, ...]:
    return read_sentences(Turn(1, "m1", "customer", text, None), lexicon(language))


def mood(text: str, language: str = "en") -> float:
    return sum(sentence.mood for sentence in said(text, language))


def has(text: str, kind: str, language: str = "en") -> bool:
    return any(sentence.has(kind) for sentence in said(text, language))


@pytest.mark.parametrize(
    ("language", "plain", "negated"),
    [
        ("en", "I am happy with this", "I am not happy with this"),
        ("en", "We were satisfied", "We were never really satisfied"),
        ("es", "Estoy contento con el servicio", "No estoy nada contento con el servicio"),
        ("de", "Das gefällt mir", "Das gefällt mir nicht"),
        ("de", "Ich bin zufrieden", "Ich bin gar nicht zufrieden"),
        ("zh", "我喜欢这个", "我不喜欢这个"),
    ],
)
def test_a_negation_turns_a_good_word_into_a_bad_one(language: str, plain: str, negated: str):
    assert mood(plain, language) > 0 > mood(negated, language)


def test_a_negated_bad_word_is_at_most_faint_praise():
    assert mood("They do not give a damn") < 1
    assert 0 < mood("The room was not bad") < 1


def test_a_negation_does_not_reach_past_a_comma():
    assert mood("No, I am happy with this") > 0


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The export does not work"),
        ("es", "La exportación no funciona"),
        ("de", "Der Export funktioniert leider nicht"),
        ("zh", "导出还是不行"),
    ],
)
def test_what_does_not_work_is_broken(language: str, text: str):
    assert has(text, "broken", language)


def test_intensity_strengthens_and_weakens():
    assert mood("This is very disappointing") < mood("This is disappointing") < mood("This is slightly disappointing")


def test_exclamation_marks_and_capitals_raise_the_voice():
    assert mood("This is TERRIBLE!!!") < mood("This is terrible.")


def test_words_before_but_count_less_than_words_after_it():
    assert mood("The food was good but the staff was terrible") < 0 < mood("The staff was terrible but I am delighted")


@pytest.mark.parametrize(
    "text", ["Is it fixed?", "I hope it works now", "Please tell me when it is fixed, if it is fixed"]
)
def test_asking_or_hoping_confirms_nothing(text: str):
    assert not has(text, "confirm")


def test_a_plain_statement_confirms():
    assert has("It is fixed", "confirm")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Thanks a lot!"),
        ("es", "¡Muchas gracias!"),
        ("de", "Vielen Dank!"),
        ("zh", "非常感谢！"),
        ("es", "MUCHAS GRACIAS"),
    ],
)
def test_gratitude_is_heard_in_every_language(language: str, text: str):
    assert any(hit.emotion == "gratitude" for sentence in said(text, language) for hit in sentence.hits)


def test_accents_and_typographic_apostrophes_do_not_matter():
    assert mood("¡Que verguenza!", "es") < 0
    assert has("It doesn’t work", "broken")


def test_emoji_speak_every_language():
    assert all(mood("😡", language) < 0 < mood("😍", language) for language in ("en", "es", "de", "zh", "fr"))


def test_chinese_good_is_not_heard_inside_not_good():
    assert mood("服务不好", "zh") < 0


def test_impatient_marks_lower_the_mood_and_a_kind_word_outweighs_them():
    assert mood("Where is it??") < 0 < mood("Really?! That is wonderful")


def test_links_and_mentions_are_not_words():
    assert mood("See https://example.com/terrible-scam @awful") == 0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my parcel? It has not arrived and I need it.", "en"),
        ("Hola, no puedo entrar en mi cuenta desde ayer.", "es"),
        ("Guten Tag, ich habe meine Rechnung nicht erhalten.", "de"),
        ("我的订单还没有发货", "zh"),
        ("Bonjour, je ne peux pas me connecter à mon compte", "fr"),
        ("注文した商品がまだ届きません", "ja"),
        ("Где мой заказ?", "ru"),
        ("iPhone 6s 屏幕坏了，Apple Care 过期了吗", "zh"),
        ("", "en"),
        ("12345 !!!", "en"),
    ],
)
def test_the_language_is_identified(text: str, language: str):
    assert identify_language([text]) == language


def test_sentences_lie_where_they_say():
    text = "First one. Second, at 10.5 percent! 第三句。Last without a mark"
    assert [text[s.start : s.end] for s in sentences(text)] == [
        "First one.",
        "Second, at 10.5 percent!",
        "第三句。",
        "Last without a mark",
    ]
