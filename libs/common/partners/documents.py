"""Which fields of a resource a partner may see: a registration names an event's paths, a resource
says which of its own fields are told by which path.

A model that shows what an event tells of is `Told`:

    class RollEntryOut(Told):
        told_by = Fields(ids=("person_id",), paths={"commune": "area.commune"}, under="periods")

A field is then told by its own name below `under`, unless `paths` says otherwise; `ids` are always
shown, as an event's envelope is. What is not registered is left out, so in the API's description
only ids and lists of such a model are required.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import NoneType
from typing import Any, ClassVar, get_args, get_origin

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from libs.common.partners.domain import Tree, allowed, tree_of


@dataclass(frozen=True, slots=True)
class Fields:
    """By which paths of an event's data the fields of a resource are told.

    Attributes:
        ids: always shown.
        paths: a field to its path where that is not its own name.
        under: what stands before a field's own name (`periods`).
        asked: a query parameter to the path of the field that it asks about.
    """

    ids: tuple[str, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    under: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)

    def path(self, name: str) -> str:
        return self.paths.get(name) or ".".join(filter(None, (self.under, name)))


class Told(BaseModel):
    """A resource, or a part of one, of which partners see what their registrations name."""

    told_by: ClassVar[Fields] = Fields()

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core_schema))
        always = {name for name in cls.model_fields if _is_always(cls, name)}
        schema["required"] = [name for name in schema.get("required", ()) if name in always]
        return schema


def _is_always(model: type[Told], name: str) -> bool:
    kind = model.model_fields[name].annotation
    return name in model.told_by.ids or (get_origin(kind) is list and mask_of(kind) is not None)


@dataclass(frozen=True, slots=True)
class Mask:
    """What a document's fields are told by: None: always shown; a path; a document within."""

    fields: Mapping[str, "str | Mask | None"]
    asked: Mapping[str, str]


def mask_of(answer: Any) -> Mask | None:
    """The mask of an answer of this type; None where nothing in it is told by an event."""
    return _mask_of(answer)


@lru_cache(maxsize=512)
def _mask_of(answer: Hashable) -> Mask | None:
    for model in models_in(answer):
        declared = model.told_by if issubclass(model, Told) else None
        fields: dict[str, str | Mask | None] = {}
        asked = dict(declared.asked) if declared else {}
        for name, one in model.model_fields.items():
            inner = mask_of(one.annotation)
            if inner is not None:
                fields[one.alias or name] = inner
                asked |= inner.asked
            elif declared is None or name in declared.ids:
                fields[one.alias or name] = None
            else:
                fields[one.alias or name] = declared.path(name)
        if declared is not None or any(fields.values()):
            return Mask(fields, asked)
    return None


def told(mask: Mask, fields: tuple[str, ...], document: Any) -> Any:
    """What of a document leaves under a registration's fields; of a list, of each of its items."""
    return _told(mask, tree_of(fields), document)


def unseen(mask: Mask, fields: tuple[str, ...], parameters: Iterable[str]) -> list[str]:
    """Of query parameters, those that would tell what the registration does not name."""
    tree, paths = tree_of(fields), {**dict(_flat(mask)), **mask.asked}
    return [name for name in parameters if name in paths and _below(tree, paths[name]) is None]


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation holds: itself, or those of its list or union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for part in get_args(annotation):
        if part not in (NoneType, Ellipsis):
            yield from models_in(part)


def _told(mask: Mask, tree: Tree, document: Any) -> Any:
    if isinstance(document, list):
        return [_told(mask, tree, one) for one in document]
    if not isinstance(document, dict):
        return document
    found = {}
    for name, value in document.items():
        by = mask.fields.get(name, "")  # a field that the model does not know is not shown
        if by is None:
            found[name] = value
        elif isinstance(by, Mask):
            within = _told(by, tree, value)
            if within != {} and (within is not None or _shows(by, tree)):
                found[name] = within
        elif by and (below := _below(tree, by)) is not None:
            found[name] = allowed(value, below)
    return found


def _shows(mask: Mask, tree: Tree) -> bool:
    """Whether of such a document anything would be shown."""
    return None in mask.fields.values() or any(
        _below(tree, path) is not None for _, path in _flat(mask)
    )


def _below(tree: Tree, path: str) -> Tree | None:
    """The registered part of what stands at a path, `{}` for all of it; None where nothing is."""
    below: Tree = tree
    for part in path.split("."):
        if part not in below:
            return None
        below = below[part]
        if not below:
            break
    return below


def _flat(mask: Mask) -> Iterator[tuple[str, str]]:
    for name, by in mask.fields.items():
        if isinstance(by, Mask):
            yield from _flat(by)
        elif by is not None:
            yield name, by
