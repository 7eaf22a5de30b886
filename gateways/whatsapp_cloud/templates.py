"""Templates that Meta approved (MS7): what operators are told of one, and where its places are. Pure.

{"name": "order_ready", "language": "ru", "status": "APPROVED", "category": "UTILITY", "components": [
    {"type": "HEADER", "format": "TEXT", "text": "Заказ {{1}}", "example": {"header_text": ["15"]}},
    {"type": "BODY", "text": "{{1}}, заказ готов", "example": {"body_text": [["Анна"]]}},
    {"type": "FOOTER", "text": "Магазин"},
    {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Открыть", "url": "https://shop.example/{{1}}"}]}]}

Parameters are filled in in this order: header, body, buttons; within a text by number, a place once however
often it stands there, or as they come where places have names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from gateways.whatsapp_cloud.scene import Update, objects, word
from shared.contract.content import Template
from shared.contract.inbound import KnownTemplate
from shared.failure import Rejected
from shared.log import get_logger

log = get_logger()

SNAPSHOT_BYTES: Final = 200 * 1024

_PLACE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MEDIA: Final = MappingProxyType(
    {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document", "LOCATION": "location"}
)
_PLAIN: Final = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS"})
_UNSENDABLE: Final = frozenset({"MPM", "SPM"})
"""Buttons that need goods of a catalogue beside."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a template's parameters go. Places are their own names, numbers or words; `media` is in the
    header instead; `buttons`: number and kind of each that has a place, or must be named."""

    header: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    buttons: tuple[tuple[int, str], ...] = ()
    media: str | None = None

    @property
    def parameters(self) -> int:
        return len(self.header) + len(self.body) + sum(1 for _, kind in self.buttons if kind != "flow")


@dataclass(frozen=True, slots=True)
class Listed:
    """What an account may send now; shapes are named by `key`."""

    known: tuple[KnownTemplate, ...]
    shapes: Mapping[str, dict[str, Any]]

    @property
    def digest(self) -> str:
        told = [one.model_dump(mode="json") for one in self.known]
        raw = json.dumps([told, dict(self.shapes)], ensure_ascii=False, sort_keys=True)
        return sha256(raw.encode("utf-8", "replace")).hexdigest()[:32]


def key(name: str, language: str) -> str:
    return f"{name} {language}"


def shape_of(kept: Mapping[str, Any] | None) -> Shape | None:
    """As it stands in our database; none for what is not there."""
    if kept is None:
        return None
    buttons = tuple((int(number), str(kind)) for number, kind in kept["buttons"])
    return Shape(tuple(kept["header"]), tuple(kept["body"]), buttons, kept["media"])


def listed(told: Sequence[Any], account: str) -> Listed:
    """The approved ones among all that Meta told, at most 200 KB of them; the order is by name."""
    known: list[KnownTemplate] = []
    shapes: dict[str, dict[str, Any]] = {}
    size = 0
    approved = [one for one in objects(list(told)) if one.get("status") == "APPROVED"]
    for one in sorted(approved, key=lambda one: (str(one.get("name")), str(one.get("language")))):
        read = _read(one)
        if read is None:
            log.info("template_not_sendable", account=account, template=str(one.get("name"))[:100])
            continue
        template, shape = read
        size += len(template.model_dump_json().encode("utf-8", "replace"))
        if size > SNAPSHOT_BYTES:
            log.warning("templates_cut", account=account, told=len(known), of=len(approved))
            break
        known.append(template)
        shapes[key(template.name, template.language)] = asdict(shape)
    return Listed(tuple(known), shapes)


def _read(told: Update) -> tuple[KnownTemplate, Shape] | None:
    """A template and its shape; none for one that has more to it than we can fill in."""
    name, language = word(told.get("name")), word(told.get("language"))
    components = {str(one.get("type")): one for one in objects(told.get("components"))}
    body = word(components.get("BODY", {}).get("text"))
    if name is None or language is None or body is None or components.keys() - _PLAIN:
        return None
    header, buttons = components.get("HEADER", {}), objects(components.get("BUTTONS", {}).get("buttons"))
    if any(one.get("type") in _UNSENDABLE for one in buttons):
        return None
    words = word(header.get("text"))
    shape = Shape(
        _places(words or ""), _places(body), tuple(_active(buttons)), _MEDIA.get(str(header.get("format")))
    )
    known = KnownTemplate(
        name=name,
        language=language,
        category=word(told.get("category")),
        text=body,
        header=words,
        footer=word(components.get("FOOTER", {}).get("text")),
        parameters=shape.parameters,
        examples=_examples(shape, header, components["BODY"], buttons),
        buttons=tuple(str(one.get("text", "")) for one in buttons),
        media=shape.media,
    )
    return known, shape


def _places(text: str) -> tuple[str, ...]:
    found = dict.fromkeys(_PLACE.findall(text))
    return tuple(sorted(found, key=lambda one: int(one) if one.isdecimal() else 0))


def _active(buttons: Sequence[Update]) -> Iterator[tuple[int, str]]:
    """The buttons that a message has to say something of."""
    for number, button in enumerate(buttons):
        kind = button.get("type")
        if kind == "COPY_CODE":
            yield number, "copy_code"
        elif kind == "FLOW":
            yield number, "flow"
        elif kind in ("URL", "OTP") and _PLACE.search(str(button.get("url", ""))):
            yield number, "url"


def _examples(shape: Shape, header: Update, body: Update, buttons: Sequence[Update]) -> tuple[str, ...]:
    """One for each place, or none at all."""
    told = [
        *_shown(header, "header_text", shape.header),
        *_shown(body, "body_text", shape.body),
        *(_of_button(buttons[number]) for number, kind in shape.buttons if kind != "flow"),
    ]
    return tuple(told) if len(told) == shape.parameters and any(told) else ()


def _shown(component: Update, name: str, places: Sequence[str]) -> list[str]:
    example = component.get("example")
    example = example if isinstance(example, Mapping) else {}
    named = {
        str(one.get("param_name")): one.get("example") for one in objects(example.get(f"{name}_named_params"))
    }
    rows = example.get(name)
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else rows
    row = row if isinstance(row, list) else []
    numbered = dict(zip(places, row, strict=False))
    return [str(named.get(place) or numbered.get(place) or "") for place in places]


def _of_button(button: Update) -> str:
    example = button.get("example")
    example = example[0] if isinstance(example, list) and example else example
    return example if isinstance(example, str) else ""


def components(part: Template, shape: Shape | None, header: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The components of a message with a template; `header`: a file that was uploaded, as a parameter.

    Without a shape all parameters are the body's. Raises `Rejected`.
    """
    known = shape or Shape(body=tuple(str(number + 1) for number in range(len(part.parameters))))
    if len(part.parameters) != known.parameters:
        raise Rejected(
            "template_places",
            f"The template has {known.parameters} places, {len(part.parameters)} are filled in.",
        )
    given_media = None if header is None else header["type"]
    if shape is not None and given_media != shape.media:
        words = f"needs the {shape.media} of its header" if shape.media else "has no place for a file"
        raise Rejected("template_file", f"The template {words}.")
    given = iter(part.parameters)
    made: list[dict[str, Any]] = []
    if header is not None:
        made.append({"type": "header", "parameters": [dict(header)]})
    for kind, places in (("header", known.header), ("body", known.body)):
        if places:
            made.append({"type": kind, "parameters": [_worded(place, next(given)) for place in places]})
    return made + [_button(number, kind, given) for number, kind in known.buttons]


def _worded(place: str, words: str) -> dict[str, Any]:
    """A parameter; Meta wants no line breaks, tabs or long blanks in it."""
    told = {"type": "text", "text": " ".join(words.split())}
    return told if place.isdecimal() else {**told, "parameter_name": place}


def _button(number: int, kind: str, given: Iterator[str]) -> dict[str, Any]:
    match kind:
        case "copy_code":
            parameter: dict[str, Any] = {"type": "coupon_code", "coupon_code": next(given)}
        case "flow":
            parameter = {"type": "action", "action": {"flow_token": "unused"}}
        case _:
            parameter = {"type": "text", "text": next(given)}
    return {"type": "button", "sub_type": kind, "index": str(number), "parameters": [parameter]}
