"""What stands on a mail beside its words: the subject, and who gets a copy."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field

from shared.contract.addresses import is_mail_address
from shared.contract.content import Address
from shared.http.route import Input

MOST_COPIES: Final = 49


def _mail_address(text: str) -> str:
    if not is_mail_address(text):
        raise ValueError("this is no e-mail address")
    return text


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a subject is one line of words")
    return text


Subject: TypeAlias = Annotated[str, Field(max_length=400), AfterValidator(_one_line)]


class Copied(Input):
    """Who gets a copy."""

    address: Annotated[str, Field(max_length=320), AfterValidator(_mail_address)]
    name: Annotated[str, Field(max_length=200), AfterValidator(_one_line)] | None = None


Copies: TypeAlias = Annotated[tuple[Copied, ...], Field(max_length=MOST_COPIES)]


def addresses(copies: Copies) -> tuple[Address, ...]:
    """As the contract names them."""
    return tuple(Address(address=one.address, name=one.name) for one in copies)
