"""The semantic layer as its yml states it: each ratio metric as SQL over the model that its measures stand on."""

from typing import Any

import yaml

from tests.dbt.build import PROJECT

SEMANTIC = PROJECT / "models" / "semantic"


def read(name: str, kind: str) -> list[dict[str, Any]]:
    return yaml.safe_load((SEMANTIC / name).read_text(encoding="utf-8"))[kind]


def measures_of_conversations() -> dict[str, str]:
    """Each measure of conversations as an aggregate."""
    (model,) = read("semantic_conversations.yml", "semantic_models")
    aggregates = {"sum": "sum", "average": "avg"}
    return {m["name"]: f"{aggregates[m['agg']]}({m['expr']})" for m in model["measures"]}


def ratios() -> dict[str, tuple[str, str]]:
    """Numerator and denominator of each ratio metric, by its name."""
    found = (m for m in read("metrics.yml", "metrics") if m["type"] == "ratio")
    return {m["name"]: (m["type_params"]["numerator"], m["type_params"]["denominator"]) for m in found}
