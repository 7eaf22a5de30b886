"""The words of the router's command lines."""

from __future__ import annotations

import argparse
from typing import Any

from shared.contract.rights import RIGHTS, ROLES
from shared.contract.statuses import PRESETS


def parser() -> argparse.ArgumentParser:
    """`python -m router …`, less `migrate` and running it, which send no command."""
    whole = argparse.ArgumentParser(
        prog="python -m router",
        description="Runs the router (without arguments), or tells the running one what to do.",
    )
    nouns = whole.add_subparsers(dest="noun", required=True, metavar="WHAT")
    nouns.add_parser("migrate", help="bring the router's database to this version")
    _operators(nouns)
    _groups(nouns)
    _routing(nouns)
    _statuses(nouns)
    _with_json(nouns.add_parser("resync", help="repeat all open state as events (after a restore)"))
    return whole


def _operators(nouns: Any) -> None:
    verbs = nouns.add_parser("operators", help="who answers").add_subparsers(dest="verb", required=True)
    add = _with_json(verbs.add_parser("add", help="a new operator"))
    add.add_argument("login")
    add.add_argument("--name", required=True)
    _about_operator(add)
    change = _with_json(verbs.add_parser("change", help="only what is given changes"))
    change.add_argument("operator", metavar="LOGIN", help="login or id")
    change.add_argument("--name")
    _about_operator(change)
    for verb in ("disable", "enable"):
        one = _with_json(verbs.add_parser(verb, help=f"{verb} an operator"))
        one.add_argument("operator", metavar="LOGIN", help="login or id")
    _with_json(verbs.add_parser("list", help="all operators"))


def _about_operator(of: argparse.ArgumentParser) -> None:
    of.add_argument("--public-name", help="what clients see; default: the first word of the name")
    of.add_argument("--role", choices=sorted(ROLES))
    of.add_argument(
        "--without", type=_words, metavar="RIGHT,…", help=f"rights taken away: {', '.join(RIGHTS)}"
    )
    of.add_argument("--accounts", type=_accounts, metavar="CHANNEL.ACCOUNT,…|all", help="which accounts")
    of.add_argument("--groups", type=_words, metavar="GROUP,…", help="groups; an empty word: none")
    of.add_argument(
        "--limit", type=_number_or_none, metavar="N|none", help="conversations at once; none: any number"
    )


def _groups(nouns: Any) -> None:
    verbs = nouns.add_parser("groups", help="groups of operators").add_subparsers(dest="verb", required=True)
    add = _with_json(verbs.add_parser("add", help="a new group"))
    add.add_argument("slug")
    add.add_argument("--name", required=True)
    _with_json(verbs.add_parser("list", help="all groups and who is in them"))


def _routing(nouns: Any) -> None:
    verbs = nouns.add_parser("routing", help="settings of accounts").add_subparsers(
        dest="verb", required=True
    )
    change = _with_json(verbs.add_parser("set", help="only what is given changes"))
    change.add_argument("account", metavar="CHANNEL.ACCOUNT")
    change.add_argument("--groups", type=_words, metavar="GROUP,…", help="who sees it; empty: everybody")
    for name, what in (
        ("--close-untaken", "whether a conversation that nobody took may be closed"),
        ("--close-others", "whether one of somebody else may be closed, by right"),
        ("--category-required", "whether closing needs a category"),
    ):
        change.add_argument(name, type=_yes_or_no, metavar="yes|no", help=what)
    change.add_argument(
        "--categories",
        type=_words,
        metavar="WORDS,…",
        help="what may be chosen when closing; empty: any words",
    )
    for name, what in (
        ("--close-after-minutes", "close one in which nobody writes for so long; 0: never"),
        ("--offer-seconds", "how long an offer to one operator stands"),
        ("--max-wait-seconds", "when a waiting client's timer is red"),
    ):
        change.add_argument(name, type=int, metavar="N", help=what)
    for name, choices, what in (
        ("--reopens", ("new", "last", "fresh"), "where a closed one goes when the client writes"),
        ("--distribution", ("free", "least_loaded"), "free for all, or given to the least loaded"),
        ("--handover", ("offer", "appoint"), "whether what is given has to be accepted"),
        ("--wait-ends", ("answered", "taken"), "what stops the timer of a waiting client"),
    ):
        change.add_argument(name, choices=choices, help=what)
    _with_json(verbs.add_parser("list", help="all accounts"))


def _statuses(nouns: Any) -> None:
    verbs = nouns.add_parser("statuses", help="what operators' statuses allow").add_subparsers(
        dest="verb", required=True
    )
    preset = _with_json(verbs.add_parser("preset", help="replace the whole table by one that is shipped"))
    preset.add_argument("preset", choices=sorted(PRESETS))
    _with_json(verbs.add_parser("list", help="the table as it is"))


def _with_json(of: argparse.ArgumentParser) -> argparse.ArgumentParser:
    of.add_argument("--json", action="store_true", help="print the answer as JSON")
    return of


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _accounts(text: str) -> tuple[str, ...] | str:
    return "all" if text == "all" else _words(text)


def _number_or_none(text: str) -> int | str:
    return "none" if text == "none" else int(text)


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError("say yes or no")
    return text == "yes"
