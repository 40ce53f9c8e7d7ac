"""A trained model on disk: `model.json` for names and checksums, `model.safetensors` for numbers. No pickle.

Both lie in the folder of a calibrated scorer, beside its `scorecard.toml`. A file that was damaged, exchanged or made
for another judge is refused with the reason: a model that reads features it was not trained on answers nonsense.
"""

import hashlib
import json
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from scoring_ops.judges.local.judge import LocalJudge
from scoring_ops.judges.trained.features import POOLS, Floats
from scoring_ops.judges.trained.model import GRAM_COLUMNS, Head, Line, Model, Scaling, Side

MANIFEST, TENSORS = "model.json", "model.safetensors"
FORMAT = "cx-score local model 1"  # raised when features or lines change their meaning
LARGEST = 256 << 20  # bytes; a model is about 2 MB
WITHOUT_CHECKSUM = ""


class ModelFileError(ValueError):
    """A model that cannot be used; the message names the file and the rule."""


class _LineEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    head: Head
    side: Side
    intercept: float
    cuts: tuple[float | None, float | None]  # None: never cut there


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal["cx-score local model 1"]
    judge: str
    embedder: str
    structure: tuple[str, ...]
    pool_norm: float
    lines: tuple[_LineEntry, ...]
    tensors_sha256: str


def has_model(folder: Path) -> bool:
    """True where a scorer's folder holds any part of a model."""
    return (folder / MANIFEST).exists() or (folder / TENSORS).exists()


def save_model(model: Model, folder: Path) -> str:
    """Writes a model into a folder and returns its checksum. N-grams are kept with 16 bits."""
    arrays: dict[str, NDArray[np.generic]] = {
        "structure.mean": model.scaling.mean,
        "structure.deviation": model.scaling.deviation,
        "pools.mean": model.scaling.pool_mean,
    }
    for n, line in enumerate(model.lines):
        arrays[f"{n}.structure"] = line.structure
        arrays[f"{n}.grams"] = line.grams.astype(np.float16)
        arrays[f"{n}.pools"] = line.pools
    tensors = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    manifest = _Manifest(
        format=FORMAT,
        judge=LocalJudge().identity.version,
        embedder=model.embedder,
        structure=model.scaling.names,
        pool_norm=model.scaling.pool_norm,
        lines=tuple(_entry(line) for line in model.lines),
        tensors_sha256=hashlib.sha256(tensors).hexdigest(),
    )
    text = json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"
    (folder / TENSORS).write_bytes(tensors)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return _checksum(text)


def load_model(folder: Path) -> Model:
    """The model of a scorer's folder.

    Raises:
        ModelFileError: a part is missing, damaged, not ours, or made for another judge.
    """
    manifest, text = _manifest(folder / MANIFEST)
    tensors = _tensors(folder / TENSORS, manifest.tensors_sha256)
    if manifest.judge != (own := LocalJudge().identity.version):
        raise ModelFileError(f"{folder / MANIFEST}: made for judge {manifest.judge}, this is {own}: calibrate again")
    try:
        return _model(manifest, tensors, _checksum(text))
    except (KeyError, ValueError) as error:
        raise ModelFileError(f"{folder / TENSORS}: {error} does not fit {MANIFEST}") from error


def _manifest(path: Path) -> tuple[_Manifest, str]:
    try:
        text = path.read_text(encoding="utf-8")
        return _Manifest.model_validate_json(text), text
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ModelFileError(f"{path}: not a text file ({error.reason})") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelFileError(": ".join(filter(None, (str(path), where, first["msg"])))) from error


def _tensors(path: Path, sha256: str) -> dict[str, NDArray[np.generic]]:
    try:
        if path.stat().st_size > LARGEST:
            raise ModelFileError(f"{path}: larger than any model of ours")
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read ({error.strerror})") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelFileError(f"{path}: damaged or exchanged, its checksum is not the one in {MANIFEST}")
    try:
        return load(content)
    except SafetensorError as error:
        raise ModelFileError(f"{path}: no safetensors file ({error})") from error


def _model(manifest: _Manifest, tensors: dict[str, NDArray[np.generic]], checksum: str) -> Model:
    size = len(manifest.structure)
    pool_mean = _floats(tensors, "pools.mean")
    pools = pool_mean.size  # one mean vector per pool
    if pool_mean.size and pool_mean.shape[:1] != (len(POOLS),):
        raise ValueError("pools.mean")
    scaling = Scaling(
        manifest.structure,
        _floats(tensors, "structure.mean", size),
        _floats(tensors, "structure.deviation", size),
        pool_mean,
        manifest.pool_norm,
    )
    lines = tuple(
        Line(
            entry.head,
            entry.side,
            entry.intercept,
            _floats(tensors, f"{n}.structure", size),
            _floats(tensors, f"{n}.grams", GRAM_COLUMNS),
            _floats(tensors, f"{n}.pools", pools),
            _cuts(entry),
        )
        for n, entry in enumerate(manifest.lines)
    )
    return Model(scaling, lines, manifest.embedder, checksum)


def _floats(tensors: dict[str, NDArray[np.generic]], name: str, size: int | None = None) -> Floats:
    array = tensors[name].astype(np.float32)
    if not np.isfinite(array).all() or (size is not None and array.shape != (size,)):
        raise ValueError(name)
    return array


def _entry(line: Line) -> _LineEntry:
    low, high = (float(cut) if np.isfinite(cut) else None for cut in line.cuts)
    return _LineEntry(head=line.head, side=line.side, intercept=line.intercept, cuts=(low, high))


def _cuts(entry: _LineEntry) -> tuple[float, float]:
    never = -np.inf if entry.side == "-" else np.inf
    low, high = (never if cut is None else cut for cut in entry.cuts)
    if low > high:
        raise ValueError("cuts")
    return float(low), float(high)


def _checksum(text: str) -> str:
    """Of the manifest, which holds the checksum of the tensors."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
