"""Whether a registration's terms can mean anything: every broken rule with its field. Pure."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from libs.common.contracts.catalogue import EVENT_TYPES, EventType
from libs.common.dci import fields as dci
from libs.common.partners.domain import SHAPES
from libs.common.partners.registrations import Registration, Terms
from libs.common.problems import FieldError, Problem, Text


def shareable(service: str) -> list[EventType]:
    """What the service says that a partner can be shown."""
    return [
        kind
        for kind in EVENT_TYPES.values()
        if kind.source == service and (kind.stream in SHAPES or kind.stream in dci.STREAMS)
    ]


def check(service: str, partner: str, terms: Terms, others: Iterable[Registration]) -> None:
    """Refuse terms that name nothing, or subjects of another partner.

    Raises:
        Problem: 422, with every broken rule.
    """
    errors = [*_types(service, terms), *_fields(service, terms)]
    if terms.valid_until is not None and terms.valid_until < terms.valid_from:
        errors.append(
            _error(
                "/valid_until",
                "partner.until",
                Text("Ngày hết hạn trước ngày bắt đầu.", "The end lies before the beginning."),
                Text("Sửa một trong hai ngày.", "Mend one of the two days."),
            )
        )
    taken = {
        subject: other.partner
        for other in others
        if other.partner != partner
        and (other.terms.valid_until is None or other.terms.valid_until > terms.valid_from)
        for subject in other.terms.subjects
    }
    errors += [
        _error(
            f"/subjects/{place}",
            "partner.subject_taken",
            Text("Thẻ này thuộc đối tác khác.", "The subject is another partner's."),
            Text("Mỗi chủ thẻ thuộc một đối tác.", "Each subject belongs to one partner."),
        )
        for place, subject in enumerate(terms.subjects)
        if subject in taken
    ]
    if errors:
        title = Text("Đăng ký đối tác không hợp lệ.", "The registration is refused.")
        raise Problem(422, "partner.refused", title, errors)


def _types(service: str, terms: Terms) -> Iterator[FieldError]:
    known = [kind.name for kind in shareable(service)]
    for place, pattern in enumerate(terms.event_types):
        if not any(fnmatchcase(name, pattern) for name in known):
            yield _error(
                f"/event_types/{place}",
                "partner.type_unknown",
                Text("Không có loại sự kiện này để chia sẻ.", "No such event type is shared."),
                Text(f"Chọn trong: {', '.join(known)}.", f"Choose among: {', '.join(known)}."),
            )


def _fields(service: str, terms: Terms) -> Iterator[FieldError]:
    wanted = [
        kind
        for kind in shareable(service)
        if any(fnmatchcase(kind.name, pattern) for pattern in terms.event_types)
    ]
    if not wanted:  # said already, of the types
        return
    known = sorted({path for kind in wanted for path in _paths(kind)})
    for place, path in enumerate(terms.fields):
        if path not in known:
            yield _error(
                f"/fields/{place}",
                "partner.field_unknown",
                Text("Không có trường này.", "There is no such field."),
                Text(f"Chọn trong: {', '.join(known)}.", f"Choose among: {', '.join(known)}."),
            )


def _paths(kind: EventType) -> Iterable[str]:
    return dci.NAMES if kind.stream in dci.STREAMS else paths_of(kind.data)


def paths_of(model: type[BaseModel]) -> Iterator[str]:
    """Every path into an event's data that a registration may name."""
    for name, field in model.model_fields.items():
        yield name
        for inner in _models(field.annotation):
            for path in paths_of(inner):
                yield f"{name}.{path}"


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType, tuple, list):
        for part in get_args(annotation):
            if part not in (NoneType, Ellipsis):
                yield from _models(part)


def _error(pointer: str, rule: str, message: Text, fix: Text) -> FieldError:
    return FieldError(pointer, rule, message, fix)
