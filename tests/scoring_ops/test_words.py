import pytest

from scoring_ops.words import count_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("   \n\t ", 0),
        ("?! ... --- 🙂", 0),
        ("Where is my parcel?", 4),
        ("I don't know", 3),
        ("I don’t know", 3),
        ("order #4711", 2),
        ("snake_case", 2),
        ("Größe übergroß", 2),
        ("привет мир", 2),
        ("مرحبا بكم", 2),
    ],
)
def test_words_are_runs_of_letters_and_digits(text, words):
    assert count_words(text) == words


@pytest.mark.parametrize(("text", "words"), [("我要退款", 4), ("返品したい", 5), ("我的 order 没到", 5)])
def test_each_chinese_or_japanese_character_is_a_word(text, words):
    assert count_words(text) == words


def test_counting_stops_when_there_are_enough():
    assert count_words("one two three four", enough=2) == 2


def test_asking_for_more_than_there_is_counts_all():
    assert count_words("one two", enough=10) == 2
