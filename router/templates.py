"""Templates of a provider (MS7): what may be sent at any time. Pure.

A message with a template goes alone, or with the file of its header. Where the router was told what an
account has, the name, the language and the number of places are checked, and the words are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from router.dialog import Refused, Turn
from router.registry import Registry, Templates
from shared.contract.content import Content, Template
from shared.contract.inbound import KnownTemplate, TemplatesKnown

_PLACE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def hear_templates(registry: Registry, fact: TemplatesKnown) -> Templates | None:
    """What the account has from now on; none when that is older or the same."""
    before = registry.templates.get(f"{fact.channel}.{fact.account}")
    if before is not None and (fact.at < before.at or fact.templates == before.templates):
        return None
    version = 1 if before is None else before.version + 1
    return Templates(fact.channel, fact.account, fact.templates, fact.at, version)


def template_of(content: Content) -> Template | None:
    """The template that a message is, if it is one."""
    return next((part for part in content.parts if isinstance(part, Template)), None)


def check_template(turn: Turn, content: Content) -> None:
    """Refuses a template with anything beside it, one that the account has not, and one not filled in."""
    template = template_of(content)
    if template is None:
        return
    others = list(content.parts)
    others.remove(template)
    if len(others) > 1 or any(getattr(part, "file", None) is None for part in others):
        raise Refused("template_alone")
    account = turn.facts.registry.templates.get(turn.before.account)
    if account is None:
        return
    known = account.find(template.name, template.language)
    if known is None:
        raise Refused("template_not_approved", name=template.name, language=template.language)
    given = sum(1 for one in template.parameters if one.strip())
    if given != known.parameters or given != len(template.parameters):
        raise Refused("template_places", name=template.name, needed=str(known.parameters), given=str(given))


def filled(turn: Turn, content: Content) -> Content:
    """The content with what the client reads in its template, where the router knows that."""
    template = template_of(content)
    account = turn.facts.registry.templates.get(turn.before.account)
    known = template and account and account.find(template.name, template.language)
    if not template or not known:
        return content
    read = template.model_copy(update={"text": words_of(known, template.parameters)})
    parts = tuple(read if part is template else part for part in content.parts)
    return content.model_copy(update={"parts": parts})


def words_of(known: KnownTemplate, parameters: tuple[str, ...]) -> str:
    """Header, body and footer with the parameters in their places; those of the buttons come last."""
    given = iter(parameters)
    said = (_filled(part, given) for part in (known.header, known.text) if part)
    return "\n\n".join((*said, *((known.footer,) if known.footer else ())))


def _filled(text: str, given: Iterator[str]) -> str:
    """A part's own places, each filled once however often it stands there; by number, else as they come."""
    places = sorted(dict.fromkeys(_PLACE.findall(text)), key=lambda one: int(one) if one.isdecimal() else 0)
    values = {place: next(given, "") for place in places}
    return _PLACE.sub(lambda found: values[found[1]], text)
