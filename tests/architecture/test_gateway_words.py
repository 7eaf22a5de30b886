"""Operators read Russian and English: what a gateway says in fixed words, the page says in Russian too."""

import ast
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.spoken_words import NOTHING, Function, House, Module, Patterns, emptied

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "gateways/desk/web/src/words"
PACKAGES: Final = sorted(f"gateways.{path.parent.name}" for path in ROOT.glob("gateways/*/channel.py"))
"""The channels and their kit."""

NOUN_TABLES: Final = (
    ("telegram_bot/kinds.py", "SHOWN"),
    ("telegram_bot/kinds.py", "SERVICE"),
    ("telegram_bot/kinds.py", "UPDATES"),
    ("telegram_bot/events.py", "_MEMBERSHIP"),
    ("vk/kinds.py", "_NOUNS"),
    ("vk/messages.py", "_HAPPENED"),
    ("vk/happenings.py", "HAPPENINGS"),
    ("max/parse.py", "_NOTES"),
    ("whatsapp_cloud/unsayable.py", "_KINDS"),
    ("whatsapp_cloud/messages.py", "_SYSTEM"),
    ("whatsapp_cloud/notices.py", "_PREFERENCES"),
)
NOUN_BUILDERS: Final = (
    ("telegram_bot/kinds.py", "words"),
    ("vk/kinds.py", "_described"),
    ("whatsapp_cloud/unsayable.py", "words_of"),
    ("whatsapp_cloud/unsayable.py", "order_words"),
    ("whatsapp_cloud/unsayable.py", "form_words"),
    ("whatsapp_cloud/unsayable.py", "advertisement_words"),
    ("whatsapp_cloud/unsayable.py", "product_words"),
)
NOUN_CALLS: Final = {"unsupported": 1, "notice": 4, "_notice": 3}
"""Which argument is the words; of `Unsupported` the one of that name."""

REFUSAL_TABLES: Final = (
    ("telegram_bot/answers.py", "REFUSALS"),
    ("vk/errors.py", "_REFUSALS"),
    ("max/answers.py", "_CODES"),
)
"""Rows that end with a code and its words."""
SENTENCE_TABLES: Final = (("vk/errors.py", "_KEYS"), ("kit/unfetched.py", "BLOCKED_WORDS"))
SENTENCE_BUILDERS: Final = (
    ("kit/fetching.py", "_words"),
    ("email/parse.py", "_bounced"),
    ("whatsapp_cloud/fates.py", "_with_details"),
)
SENTENCE_CALLS: Final = {
    "Rejected": 1, "ChannelDown": 0, "Unconfirmed": 0, "Troubling": 1, "Repeatable": 1,
    "Broken": 0, "Unreachable": 0, "TooSlow": 0, "TooLarge": 0,
}  # fmt: skip
REPORTS: Final = ("Outcome", "DeliveryReported", "AttachmentFailed")
"""Their `code` and `words` go to operators."""


OF_THE_ROUTER: Final = "account_not_connected"


@cache
def house() -> House:
    return House(ROOT, PACKAGES)


def source(place: str) -> Module:
    """The module of `kit/http.py`."""
    module = house().module(f"gateways.{place.removesuffix('.py').replace('/', '.')}")
    assert module is not None, f"{place} is not there"
    return module


@dataclass(frozen=True)
class Called:
    """A call by a plain name, and where it stands."""

    name: str
    call: ast.Call
    module: Module
    within: Function | None

    def keyword(self, name: str) -> Patterns:
        """What is passed under this name."""
        value = next((one.value for one in self.call.keywords if one.arg == name), None)
        return self.module.patterns(value, self.within)

    def argument(self, place: int) -> Patterns:
        """What is passed at this place; nothing where a starred row is."""
        given = self.call.args
        plain = place < len(given) and not any(isinstance(one, ast.Starred) for one in given)
        return self.module.patterns(given[place], self.within) if plain else NOTHING


@cache
def calls() -> list[Called]:
    """Every call that may say something to operators."""
    names = {"Unsupported", "Verb", *NOUN_CALLS, *SENTENCE_CALLS, *REPORTS}
    return [
        Called(node.func.id, node, module, within)
        for module in house().calling(names)
        for node, within in module.places
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


def built(builders: Iterable[tuple[str, str]]) -> Patterns:
    return NOTHING.union(
        *(
            source(place).patterns(value, within)
            for place, name in builders
            for value, within in source(place).returned(name)
        )
    )


def listed(place: str, name: str) -> Patterns:
    """The values of a table of words; a row that is a call is named by its first argument."""
    module, table = source(place), source(place).table(name)
    assert isinstance(table, ast.Dict)
    values = (one.args[0] if isinstance(one, ast.Call) else one for one in table.values)
    return NOTHING.union(*(module.patterns(one) for one in values))


def refusals(column: int) -> Patterns:
    """Of the tables of refusals: -2 for codes, -1 for words."""
    found = NOTHING
    for place, name in REFUSAL_TABLES:
        module, table = source(place), source(place).table(name)
        assert isinstance(table, ast.Dict | ast.Tuple)
        rows = table.values if isinstance(table, ast.Dict) else table.elts
        found |= NOTHING.union(
            *(module.patterns(row.elts[column]) for row in rows if isinstance(row, ast.Tuple))
        )
    return found


def told(place: int) -> Patterns:
    """Of Meta's receipts: 1 for codes, 2 for words."""
    module = source("whatsapp_cloud/fates.py")
    rows = [(value, within) for value, within in module.returned("told_in") if isinstance(value, ast.Tuple)]
    return NOTHING.union(*(module.patterns(value.elts[place], within) for value, within in rows))


@cache
def nouns() -> frozenset[str]:
    """What a part probably is; without the details after a colon."""
    found = built(NOUN_BUILDERS).union(*(listed(*table) for table in NOUN_TABLES))
    for one in calls():
        if one.name == "Unsupported":
            found |= one.keyword("words")
        elif one.name in NOUN_CALLS:
            found |= one.argument(NOUN_CALLS[one.name])
    return fixed(words.partition(": {}")[0] for words in found)


@cache
def sentences() -> frozenset[str]:
    """Why something failed."""
    found = refusals(-1) | told(2) | built(SENTENCE_BUILDERS)
    found = found.union(*(listed(*table) for table in SENTENCE_TABLES))
    for one in calls():
        if one.name in SENTENCE_CALLS:
            found |= one.argument(SENTENCE_CALLS[one.name])
        elif one.name in REPORTS:
            found |= one.keyword("words")
        elif one.name == "Verb":  # its capability, which `CANNOT_WORDS` names
            found |= one.argument(1)
    found |= {emptied(words) for words in source("vk/kinds.py").named("NO_FILE_WORDS")}
    return fixed(words.removeprefix("login_needed:").strip() for words in found)


@cache
def codes() -> frozenset[str]:
    """Why something failed, for programs."""
    found = refusals(-2) | told(1) | built([("kit/fetching.py", "_code")])
    for one in calls():
        if one.name == "Rejected":
            found |= one.argument(0)
        elif one.name in REPORTS:
            found |= one.keyword("code")
    unfetched = source("kit/unfetched.py")
    for node, _ in unfetched.places:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
            found |= unfetched.patterns(node.value)
    return fixed(found | {OF_THE_ROUTER})


def fixed(patterns: Iterable[str]) -> frozenset[str]:
    """Those that say something by themselves."""
    return frozenset(one for one in patterns if re.search(r"[a-z]", one.replace("{}", "")))


ROW: Final = re.compile(r'^  (?:("(?:[^"\\]|\\.)*")|(\w+)):\s*("(?:[^"\\]|\\.)*"),$', re.MULTILINE)


@cache
def page(pattern: str) -> dict[str, str]:
    """The rows of the page's tables, the files of which have such names."""
    rows: dict[str, str] = {}
    for path in sorted(PAGE.glob(pattern)):
        for quoted, plain, value in ROW.findall(path.read_text(encoding="utf-8")):
            key = json.loads(quoted) if quoted else plain
            assert key not in rows, f"{key!r} stands twice"
            rows[key] = json.loads(value)
    return rows


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ("ru.nouns.*.ts", nouns),
        ("ru.reasons.*.ts", sentences),
        ("ru.codes.ts", codes),
        ("en.codes.ts", codes),
    ],
)
def test_what_a_gateway_says_stands_in_the_page(files: str, said: Callable[[], frozenset[str]]) -> None:
    known = frozenset(page(files))
    assert sorted(said() - known) == [], "said by a gateway, and not in the page"
    assert sorted(known - said()) == [], "in the page, and said by no gateway"


@pytest.mark.parametrize("files", ["ru.nouns.*.ts", "ru.reasons.*.ts", "ru.codes.ts"])
def test_the_page_says_it_in_russian(files: str) -> None:
    for english, russian in page(files).items():
        assert re.search(r"[а-я]", russian), english
        assert russian.count("{}") == english.count("{}"), english
