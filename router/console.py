"""Command lines: they send commands like anybody, as a console with all rights, and print the answer.

Exit codes: 0 done, 1 refused (the words say why), 2 a wrong command line, 3 no answer: the router or the
broker is away, and what became of the command is not known (repeat it: it tells what is there).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, Final

from pydantic import ValidationError

from router.administration import subject_of
from router.arguments import parser
from router.registry import Routing
from router.settings import RouterSettings
from shared.bus.call import AnswerLate, Caller
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import SystemClock, uuid7
from shared.contract import commands
from shared.contract.commands import PATIENCE, Answer, Command
from shared.contract.envelope import wrap
from shared.contract.people import Actor
from shared.contract.statuses import PRESETS
from shared.failure import Failure, Unavailable
from shared.trace import new_trace

ANSWER_SECONDS: Final = 30.0
_ABOUT_OPERATOR: Final = ("name", "public_name", "role", "without", "accounts", "groups", "limit")
_SETTINGS: Final = tuple(field.name for field in fields(Routing))
REFUSED, MISUSED, AWAY = 1, 2, 3

Show = Callable[[dict[str, Any]], list[str]]


def main(arguments: Sequence[str], settings: RouterSettings) -> int:
    """Runs one administrative command line; its exit code."""
    chosen = parser().parse_args(list(arguments))
    actor = Actor(kind="console", id=os.environ.get("USER", "console") or "console")
    try:
        command, show = _command(chosen, {"actor": actor, "deadline": SystemClock().now() + PATIENCE})
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            _say(f"{'.'.join(map(str, one['loc']))}: {one['msg']}", sys.stderr)
        return MISUSED
    answer = asyncio.run(_ask(settings.secret("amqp_url"), command))
    if isinstance(answer, Failure):
        _say(f"no answer: {answer}", sys.stderr)
        return AWAY
    return _tell(answer, show, as_json=chosen.json)


async def _ask(url: str, command: Command) -> Answer | Failure:
    """The answer, or why there is none."""
    async with Broker(url, name="console") as broker:
        now = SystemClock().now()
        envelope = wrap(
            command,
            id=uuid7(now),
            source="console",
            time=now,
            subject=subject_of(command),
            traceparent=new_trace(),
        )
        try:
            return await Caller(broker, Publisher(broker)).call(envelope, timeout=ANSWER_SECONDS)
        except (Unavailable, AnswerLate) as failure:
            return failure


def _tell(answer: Answer, show: Show, *, as_json: bool) -> int:
    if answer.refusal is not None:
        language = "ru" if os.environ.get("LANG", "").startswith("ru") else "en"
        _say(answer.refusal.words(language), sys.stderr)
        return REFUSED
    lines = [json.dumps(answer.result, ensure_ascii=False)] if as_json else show(answer.result)
    for line in lines:
        _say(line, sys.stdout)
    return 0


def _say(line: str, stream: Any) -> None:
    stream.write(line + "\n")


def _command(chosen: argparse.Namespace, common: dict[str, Any]) -> tuple[Command, Show]:
    """The command that the arguments ask for, and how its result is shown."""
    match (chosen.noun, getattr(chosen, "verb", None)):
        case ("operators", verb):
            return _of_operators(chosen, verb, common)
        case ("groups", "add"):
            return commands.AddGroup(slug=chosen.slug, name=chosen.name, **common), _group
        case ("groups", _):
            return commands.ListGroups(**common), _groups
        case ("routing", "set"):
            given = _given(chosen, "account", "groups", *_SETTINGS)
            return commands.SetRouting(**given, **common), lambda result: [_account_line(result["account"])]
        case ("routing", _):
            return commands.ListRouting(**common), _accounts
        case ("statuses", "preset"):
            return commands.SetStatuses(statuses=PRESETS[chosen.preset], **common), _statuses
        case ("statuses", _):
            return commands.ListStatuses(**common), _statuses
        case _:
            return commands.Resync(**common), _counts


def _of_operators(
    chosen: argparse.Namespace, verb: str | None, common: dict[str, Any]
) -> tuple[Command, Show]:
    if verb == "add":
        given = _given(chosen, "login", *_ABOUT_OPERATOR)
        given = {name: value for name, value in given.items() if value not in ("all", "none")}
        return commands.AddOperator(operator_id=uuid7(), **given, **common), _operator
    if verb == "change":
        given = _given(chosen, "operator", *_ABOUT_OPERATOR)
        return commands.ChangeOperator(**given, **common), _operator
    if verb in ("disable", "enable"):
        disabled = verb == "disable"
        return commands.ChangeOperator(operator=chosen.operator, disabled=disabled, **common), _operator
    return commands.ListOperators(**common), _operators


def _given(chosen: argparse.Namespace, *names: str) -> dict[str, Any]:
    """The arguments that were given, under the command's field names."""
    values = {name: getattr(chosen, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _operator(result: dict[str, Any]) -> list[str]:
    return [_operator_line(result["operator"])]


def _operators(result: dict[str, Any]) -> list[str]:
    return [_operator_line(one) for one in result["operators"]] or ["no operators yet"]


def _operator_line(one: dict[str, Any]) -> str:
    marks = [
        "disabled" if one["disabled"] else one["status"],
        "present" if one["present"] else "",
        "accounts " + ("all" if one["accounts"] is None else ",".join(one["accounts"]) or "none"),
        f"groups {','.join(one['groups'])}" if one["groups"] else "",
        f"at most {one['limit']} conversations" if one["limit"] is not None else "",
        f"without {','.join(one['without'])}" if one["without"] else "",
    ]
    said = "; ".join(mark for mark in marks if mark)
    return f"{one['login']}  {one['role']}  {one['name']}  ({said})  {one['operator_id']}"


def _group(result: dict[str, Any]) -> list[str]:
    return [f"{result['group']['slug']}  {result['group']['name']}"]


def _groups(result: dict[str, Any]) -> list[str]:
    return [_group_line(one) for one in result["groups"]] or ["no groups yet"]


def _group_line(one: dict[str, Any]) -> str:
    return f"{one['slug']}  {one['name']}  ({', '.join(one['operators']) or 'nobody'})"


def _accounts(result: dict[str, Any]) -> list[str]:
    return [_account_line(one) for one in result["accounts"]] or ["no gateway has declared an account yet"]


def _account_line(one: dict[str, Any]) -> str:
    connected = one["health"] if one["connected"] else "not connected"
    groups = "groups " + ",".join(one["groups"]) if one["groups"] else "everybody"
    settings = ", ".join(f"{name.replace('_', '-')} {_shown(one[name])}" for name in _SETTINGS)
    return f"{one['account']}  {one['name']}  ({connected}; {groups}; {settings})"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if not isinstance(value, list) else ",".join(value) or "any"


def _statuses(result: dict[str, Any]) -> list[str]:
    return [
        f"{one['slug']}  {one['name']} · {one['name_ru']}  "
        f"({', '.join(name for name, value in one.items() if value is True) or 'nothing'})"
        for one in result["statuses"]
    ]


def _counts(result: dict[str, Any]) -> list[str]:
    names = ("operators", "groups", "accounts", "conversations")
    return ["repeated: " + ", ".join(f"{result[name]} {name}" for name in names)]
