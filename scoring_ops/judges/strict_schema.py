"""The JSON Schemas of what a judge may answer, in the subset that strict structured outputs accept.

Made once from the models, so that the wire format has one home. Titles and the models' docstrings are left out: they
would be paid for in every call, and rewording one would change every cache key. What a field means says its
description; ranges, which strict mode may not take, become the list of their values.
"""

from functools import cache

from pydantic import BaseModel, JsonValue

from scoring_ops.claims import Claims

_DROPPED = frozenset({"title", "default"})


@cache
def claims_schema() -> dict[str, JsonValue]:
    """The strict schema of the claims."""
    return strict_schema(Claims)


@cache
def strict_schema(model: type[BaseModel]) -> dict[str, JsonValue]:
    """The strict schema of a model; one object for all callers, which must not change it."""
    adapted = _strict(model.model_json_schema())
    if not isinstance(adapted, dict):
        raise TypeError(f"the schema of {model.__name__} is not an object")
    return adapted


def _strict(node: JsonValue) -> JsonValue:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if key not in _DROPPED}
    low, high = kept.pop("minimum", None), kept.pop("maximum", None)
    if isinstance(low, int) and isinstance(high, int):
        kept["enum"] = list(range(low, high + 1))
    properties = kept.get("properties")
    if isinstance(properties, dict):
        kept.pop("description", None)
        kept["properties"] = {name: _strict(field) for name, field in properties.items()}
        kept["required"] = list(properties)
        kept["additionalProperties"] = False
    return {key: value if key == "properties" else _strict(value) for key, value in kept.items()}
