"""The published catalogue of everything on the bus (EX1): AsyncAPI 3, generated from the models.

`python -m shared.contract.asyncapi` writes `docs/asyncapi.json`; a test fails when it is stale.
Channels are the exchanges' routing keys; every message is an envelope around its data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.contract.commands import COMMANDS, Answer
from shared.contract.envelope import SPEC_VERSION, Data
from shared.contract.events import EVENTS
from shared.contract.feed import FeedHead, FeedRow
from shared.contract.inbound import FACTS, fact_word
from shared.contract.live import LIVE_HINTS, MailboxMoved, Typing
from shared.contract.outbound import ACTS
from shared.topology import EXCHANGES, command_key, event_key

CATALOGUE: Final = Path(__file__).resolve().parents[2] / "docs" / "asyncapi.json"
_SCHEMAS: Final = "#/components/schemas/"


def catalogue() -> dict[str, Any]:
    """The whole AsyncAPI document as plain JSON values."""
    models: list[type[Data]] = [*FACTS, *COMMANDS, Answer, *ACTS, *EVENTS]
    bare: dict[str, type[BaseModel]] = {"feed.row": FeedRow, "feed.head": FeedHead}
    bare |= {hint.TYPE: hint for hint in LIVE_HINTS}
    schemas, definitions = models_json_schema(
        [(model, "validation") for model in (*models, *bare.values())], ref_template=_SCHEMAS + "{model}"
    )
    names = {schemas[(model, "validation")]["$ref"]: model.TYPE for model in models}
    described = {
        names.get(_SCHEMAS + name, name): _renamed(schema, names)
        for name, schema in definitions["$defs"].items()
    }
    components = {
        "schemas": {"Envelope": _envelope(), **described},
        "messages": {model.TYPE: _enveloped(model) for model in models}
        | {name: _bare(name, model) for name, model in bare.items()},
    }
    channels = _channels()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Switchboard on RabbitMQ",
            "version": "1.0.0",
            "description": "Every fact, command, act and event that travels between the services. Unknown "
            "fields are kept and unknown types passed by: consumers are deployed before producers.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": _operations(channels),
        "components": components,
    }


def render() -> str:
    """The document as it is committed."""
    return json.dumps(catalogue(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _envelope() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "CloudEvents names around the data.",
        "required": ["id", "source", "type", "time", "subject", "data"],
        "properties": {
            "specversion": {"const": SPEC_VERSION},
            "id": {
                "type": "string",
                "format": "uuid",
                "description": "A repeat of the same thing has the same id.",
            },
            "source": text,
            "type": text,
            "time": {"type": "string", "format": "date-time"},
            "subject": text | {"description": "What keeps its order: a dialog's id, or the entity's."},
            "traceparent": text | {"description": "W3C trace context."},
            "data": {"type": "object"},
        },
    }


def _renamed(schema: Any, names: Mapping[str, str]) -> Any:
    """The schema with references to data by its wire type: a fact and its event share a class name."""
    if isinstance(schema, list):
        return [_renamed(each, names) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _SCHEMAS + names[value] if key == "$ref" and value in names else _renamed(value, names)
        for key, value in schema.items()
    }


def _enveloped(model: type[Data]) -> dict[str, Any]:
    data = {"$ref": _SCHEMAS + model.TYPE}
    about = {"type": "object", "properties": {"type": {"const": model.TYPE}, "data": data}}
    return {
        "name": model.TYPE,
        "title": model.__name__,
        "summary": _summary(model),
        "payload": {"allOf": [{"$ref": _SCHEMAS + "Envelope"}, about]},
    }


def _bare(name: str, model: type[Any]) -> dict[str, Any]:
    payload = {"$ref": _SCHEMAS + model.__name__}
    return {"name": name, "title": model.__name__, "summary": _summary(model), "payload": payload}


def _summary(model: type[Any]) -> str:
    return (model.__doc__ or model.__name__).strip().splitlines()[0]


def _addresses() -> Iterable[tuple[str, str, str]]:
    """(exchange, routing key, message) of everything that travels."""
    for fact in FACTS:
        yield "inbound", f"{fact_word(fact)}.{{channel}}.{{account}}", fact.TYPE
    for command in COMMANDS:
        yield "commands", command_key(command.TYPE), command.TYPE
    yield "answers", "{reply_to}", Answer.TYPE
    for act in ACTS:
        yield "outbound", "{channel}.{account}", act.TYPE
    for event in EVENTS:
        yield "events", event_key(event.TYPE), event.TYPE
    yield "feed", "{entity}.{what}", "feed.row"
    yield "feed", "feed.head", "feed.head"
    yield "live", "typing.{dialog_id}", Typing.TYPE
    yield "live", "mailbox.{account}", MailboxMoved.TYPE


def _channels() -> dict[str, Any]:
    channels: dict[str, Any] = {}
    for exchange, key, message in _addresses():
        name = f"{exchange}:{key}".replace("{", "").replace("}", "").replace(":", ".")
        channel = channels.setdefault(name, _channel(exchange, key))
        channel["messages"][message] = {"$ref": f"#/components/messages/{message}"}
    return channels


def _channel(exchange: str, key: str) -> dict[str, Any]:
    words = [part.strip("{}") for part in key.split(".") if part.startswith("{")]
    described = {row.name: f"Exchange {row.name}: {row.delivery}." for row in EXCHANGES}
    binding: dict[str, Any] = {"is": "routingKey", "bindingVersion": "0.3.0"}
    if exchange == "answers":
        binding["exchange"] = {"name": "", "type": "direct"}
    else:
        binding["exchange"] = {"name": exchange, "type": "topic", "durable": True, "autoDelete": False}
    channel: dict[str, Any] = {
        "address": key,
        "description": described.get(
            exchange, "The default exchange: the asking replica's own queue, transient."
        ),
        "messages": {},
        "bindings": {"amqp": binding},
    }
    if words:
        channel["parameters"] = {name: {"description": f"The {name.replace('_', ' ')}."} for name in words}
    return channel


def _operations(channels: dict[str, Any]) -> dict[str, Any]:
    """What another service may do: listen to every event, and send every command."""
    operations: dict[str, Any] = {}
    for name, channel in channels.items():
        action = "send" if name.startswith("commands.") else "receive"
        operations[f"{action}.{name}"] = {
            "action": action,
            "channel": {"$ref": f"#/channels/{name}"},
            "messages": [
                {"$ref": f"#/channels/{name}/messages/{message}"} for message in channel["messages"]
            ],
        }
    return operations


if __name__ == "__main__":
    CATALOGUE.parent.mkdir(exist_ok=True)
    CATALOGUE.write_text(render(), encoding="utf-8")
