"""A model on disk: it reads back as it was, and nothing damaged, exchanged or foreign is used."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scoring_ops.calibration.calibrate import calibrate, read_labelled
from scoring_ops.judges.trained.features import features_of
from scoring_ops.judges.trained.model import Model
from scoring_ops.judges.trained.model_file import ModelFileError, has_model, load_model, save_model
from tests.fakes.labelled import LetterEmbedder, labelled

ROWS = labelled(75)


@pytest.fixture(scope="module")
def model() -> Model:
    return calibrate(read_labelled(ROWS, LetterEmbedder()), "test", LetterEmbedder()).model


@pytest.fixture
def folder(model: Model, tmp_path: Path) -> Path:
    save_model(model, tmp_path)
    return tmp_path


def test_a_model_reads_back_and_says_the_same(model: Model, folder: Path) -> None:
    again = load_model(folder)
    assert again.embedder == "letters 1"
    assert again._replace(checksum="")[2:] == model[2:]
    for example in read_labelled(ROWS[:20], LetterEmbedder()):
        assert again.levels(example.features) == model.levels(example.features)


def test_the_checksum_names_the_content(model: Model, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    first = load_model(folder).checksum
    assert save_model(model, other) == first
    assert save_model(model._replace(embedder="x"), other) != first


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def rewrite(change: Callable[[dict], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        change(manifest)
        (folder / "model.json").write_text(json.dumps(manifest), encoding="utf-8")

    return apply


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "one bit of the numbers": (lambda f: flip(f / "model.safetensors"), "checksum"),
    "no numbers": (lambda f: (f / "model.safetensors").unlink(), "cannot be read"),
    "no names": (lambda f: (f / "model.json").unlink(), "cannot be read"),
    "a pickle": (lambda f: (f / "model.safetensors").write_bytes(pickle.dumps([1])), "checksum"),
    "no JSON": (lambda f: (f / "model.json").write_text("weights"), "Invalid JSON"),
    "no text": (lambda f: (f / "model.json").write_bytes(b"\xff\xfe"), "not a text file"),
    "another format": (rewrite(lambda m: m.update(format="onnx")), "format"),
    "another judge": (rewrite(lambda m: m.update(judge="local-lexicon-0")), "calibrate again"),
    "a line too many": (rewrite(lambda m: m["lines"].append(m["lines"][0])), "does not fit"),
    "names left out": (rewrite(lambda m: m["structure"].pop()), "does not fit"),
    "an unknown entry": (rewrite(lambda m: m.update(code="import os")), "code"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_foreign_model_is_refused_with_its_reason(damage: str, folder: Path) -> None:
    change, reason = DAMAGES[damage]
    change(folder)
    with pytest.raises(ModelFileError, match=reason) as caught:
        load_model(folder)
    assert str(folder) in str(caught.value)


def test_a_folder_without_a_model_has_none(tmp_path: Path, folder: Path) -> None:
    assert has_model(folder)
    assert not has_model(tmp_path / "elsewhere")


def test_features_do_not_hang_on_the_clock() -> None:
    example = read_labelled(ROWS[:1], None)[0]
    turns = tuple(said._replace(turn=said.turn._replace(sent_at=None)) for said in example.reading.turns)
    timeless = example.reading._replace(
        turns=turns,
        customer=tuple(s for s in turns if s.author == "customer"),
        agents=tuple(s for s in turns if s.author != "customer"),
    )
    from scoring_ops.scorecard import default_scorecard

    again = features_of(timeless, example.claims, default_scorecard(), None)
    assert again.structure == example.features.structure
    assert np.array_equal(again.columns, example.features.columns)
