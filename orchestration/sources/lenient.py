"""Fields of helpdesks' objects, read leniently: what a vendor adds, leaves out or renames costs no conversation.

Ids come as numbers or texts, lists and objects as null, unknown fields not at all. What the fields mean is the payload
module's of each helpdesk.
"""

from typing import Annotated, TypeGuard, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class Read(BaseModel):
    """An object of which some fields are read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def is_number(value: object) -> TypeGuard[int]:
    """True for a whole number, which True is not."""
    return isinstance(value, int) and not isinstance(value, bool)


Id = Annotated[str, BeforeValidator(lambda value: str(value) if is_number(value) else value)]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
AS_LIST = BeforeValidator(lambda value: [] if value is None else value)
AS_OBJECT = BeforeValidator(lambda value: {} if value is None else value)


def listed(value: object) -> list[object]:
    """The entries of a list, none of anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []


def readable(model: type[Model], entries: object) -> list[Model]:
    """Those entries of a list that can be read: for what completes a conversation, and must not cost one."""
    found: list[Model] = []
    for entry in listed(entries):
        try:
            found.append(model.model_validate(entry))
        except ValidationError:
            continue
    return found
