"""How far reading agrees with what others expect of their mails, beside Python's plain `email`.

    python -m tests.support.mail_agreement FOLDER [--why]

FOLDER has one folder a source: `raw/` with the mails, and `expectations.json` {file: {field: …}} where the
source states any. Words are compared after folding blanks; of the attachments, those that carry a name.
`--why` prints every disagreement.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateways.email.mail import Mail, UnreadableMail
from gateways.email.reading.reader import read
from gateways.email.reading.summary import summary
from tests.support.plain_email import FIELDS as PLAIN_FIELDS
from tests.support.plain_email import plain_summary

Summary = dict[str, Any]
NOT_STATED: Final = object()
SLOW_SECONDS: Final = 2.0


@dataclass
class Agreement:
    """Of one field: how many files state it, and how many of them each reader agrees with."""

    stated: int = 0
    ours: int = 0
    plain: int = 0
    differ: list[str] = field(default_factory=list)


@dataclass
class Run:
    read: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_file: str = ""
    seconds: float = 0.0
    plain_failed: int = 0
    """Mails of which the plain library does not give every field."""
    fields: dict[str, Agreement] = field(default_factory=dict)


def folded(words: object) -> str:
    return " ".join(str(words or "").split())


def identity(written: object) -> str:
    return "".join(str(written or "").split()).strip("<>")


def person(found: Any) -> tuple[str, str]:
    return (folded(found["name"]), folded(found["address"])) if found else ("", "")


def stated_person(found: Any) -> tuple[str, str]:
    return (folded(found["name"]), folded(found["email"])) if found else ("", "")


def named_files(files: Any, name: str) -> list[tuple[Any, ...]]:
    return sorted((file[name], file.get("size"), file.get("sha256")) for file in files if file[name])


EXPECTED: Final[dict[str, Callable[[Any], Any]]] = {
    "from": stated_person,
    "to": lambda people: [stated_person(one) for one in people if one["email"]],
    "cc": lambda people: [stated_person(one) for one in people if one["email"]],
    "reply_to": lambda people: [stated_person(one) for one in people if one["email"]],
    "subject": folded,
    "subject_startswith": folded,
    "subjects": lambda subjects: folded(subjects[0]),
    "date": lambda written: None if written.startswith("1900-01-01") else written,
    "text": folded,
    "text_stripped": folded,
    "text_contains": lambda words: [folded(word) for word in ([words] if isinstance(words, str) else words)],
    "message_id": identity,
    "in_reply_to": lambda written: identity(written) or None,
    "references": lambda written: [identity(one) for one in (written or "").replace("><", "> <").split()],
    "attachments": lambda files: named_files(files, "filename"),
}


def agree(field_name: str, wanted: Any, found: Summary) -> tuple[bool, Any]:
    """Whether the reader's answer is the expected one, and that answer."""
    if field_name == "attachments":
        return same_files(found["attachments"], wanted)
    answer = ANSWERED[field_name](found) if field_name in ANSWERED else found[field_name]
    if field_name == "subject_startswith":
        return answer.startswith(wanted), answer
    if field_name == "date":
        return same_moment(answer, wanted), answer
    if field_name == "text_contains":
        return all(word in answer for word in wanted), answer
    return answer == wanted, answer


ANSWERED: Final[dict[str, Callable[[Summary], Any]]] = {
    "from": lambda found: person(found["sender"]),
    "to": lambda found: [person(one) for one in found["to"]],
    "cc": lambda found: [person(one) for one in found["cc"]],
    "reply_to": lambda found: [person(one) for one in found["reply_to"]],
    "subject": lambda found: folded(found["subject"]),
    "subject_startswith": lambda found: folded(found["subject"]),
    "subjects": lambda found: folded(found["subject"]),
    "text": lambda found: folded(found["text"]),
    "text_stripped": lambda found: folded(found["text"]),
    "text_contains": lambda found: folded(found["text"]),
    "message_id": lambda found: found["message_id"] or "",
    "in_reply_to": lambda found: (found["in_reply_to"][:1] or [None])[0],
}


def same_moment(found: str | None, wanted: str | None) -> bool:
    """A time without a zone is meant in UTC."""
    return found == wanted or bool(found and wanted and found.removesuffix("+00:00") == wanted)


def same_files(files: Any, wanted: Any) -> tuple[bool, Any]:
    names = {row[0] for row in wanted}
    found = named_files([file for file in files if file["name"] in names], "name")
    if wanted and wanted[0][1] is None:
        found = [(row[0], None, None) for row in found]
    return found == wanted, found


def mails(folder: Path) -> Iterator[tuple[Path, Any]]:
    """Every raw mail, with what its source says of it."""
    for source in sorted(path for path in folder.iterdir() if path.is_dir()):
        stated = source / "expectations.json"
        expected = json.loads(stated.read_text(encoding="utf-8")) if stated.exists() else {}
        for path in sorted((source / "raw").glob("*.eml")):
            yield path, expected.get(path.name, {})


def run(folder: Path) -> Run:
    result = Run()
    for path, expected in mails(folder):
        raw = path.read_bytes()
        started = time.perf_counter()
        try:
            mail: Mail | None = read(raw)
        except UnreadableMail as error:
            result.refused.append(f"{path.parent.parent.name}/{path.name}: {error.reason}")
            mail = None
        took = time.perf_counter() - started
        result.seconds += took
        if took > result.slowest:
            result.slowest, result.slowest_file = took, path.name
        if mail is not None:
            result.read += 1
            result.kinds[mail.kind] += 1
            compare(result, path, expected, summary(mail), plain_summary(raw))
    return result


def compare(result: Run, path: Path, expected: Any, ours: Summary, plain: Summary) -> None:
    result.plain_failed += len(plain) < len(PLAIN_FIELDS)
    for name, stated in expected.items():
        wanted = (
            EXPECTED[name](stated)
            if name in EXPECTED and (stated != [] or name != "subjects")
            else NOT_STATED
        )
        if wanted is NOT_STATED:
            continue
        row = result.fields.setdefault(name, Agreement())
        row.stated += 1
        agreed, answer = agree(name, wanted, ours)
        row.ours += agreed
        row.plain += plain_agrees(name, wanted, plain)
        if not agreed:
            row.differ.append(
                f"{path.parent.parent.name}/{path.name}\n    wanted {wanted!r}\n    read   {answer!r}"
            )


def plain_agrees(name: str, wanted: Any, plain: Summary) -> bool:
    try:
        return agree(name, wanted, plain)[0]
    except KeyError:
        return False


def report(result: Run, *, why: bool) -> None:
    print(f"mails read: {result.read}; refused: {len(result.refused)}; exceptions: 0")
    for line in result.refused:
        print("  refused", line)
    print(f"seconds: {result.seconds:.2f}; slowest {result.slowest:.3f} s ({result.slowest_file})")
    print("kinds:", ", ".join(f"{kind} {count}" for kind, count in result.kinds.most_common()))
    print(f"mails of which plain email raised on some field: {result.plain_failed}")
    print(f"\n{'field':<20}{'stated':>8}{'agree':>8}{'plain':>8}")
    for name, row in sorted(result.fields.items()):
        print(f"{name:<20}{row.stated:>8}{row.ours:>8}{row.plain:>8}")
    if why:
        for name, row in sorted(result.fields.items()):
            for line in row.differ:
                print(f"\n{name}: {line}")


def main() -> int:
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if len(folders) != 1:
        print("usage: python -m tests.support.mail_agreement FOLDER [--why]", file=sys.stderr)
        return 2
    result = run(Path(folders[0]))
    report(result, why="--why" in sys.argv)
    return 1 if result.slowest > SLOW_SECONDS else 0


if __name__ == "__main__":
    sys.exit(main())
