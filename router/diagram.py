"""What the documentation says of conversations, made of the code: `python -m router.diagram`.

The diagram and the table of the conversation, both tables of statuses, the codes of refusal with their words.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from router.conversation import ROWS, Cell, Ignore, Move, Refuse, Row
from router.dialog import PHASES, Phase
from router.hearing import note, note_blocked
from shared.contract.refusals import CODES, words
from shared.contract.statuses import PRESETS, StatusRow

PAGE: Final = Path(__file__).parent.parent / "docs" / "conversation.md"
_FLAGS: Final = tuple(name for name, field in StatusRow.model_fields.items() if field.annotation is bool)


def page() -> str:
    """The whole of docs/conversation.md."""
    return f"""# Conversations

Made of the code by `python -m router.diagram`; a test fails when it is out of date.

## From one state to another
{mermaid()}
What some state refuses, or lets pass without a change:

{declined()}
## Statuses of operators
What a status allows is a row of one table, changed with `python -m router statuses` or by `PUT /statuses`.
Two tables are shipped: `standard`, in which one on a break may still take by hand, and `strict`.

{statuses()}
## Refusals
Each command is answered, or refused with a code; `{{…}}` are the parameters that travel beside it.

{refusals()}"""


def mermaid() -> str:
    """The moves between phases as a mermaid state diagram; what stays in its phase is one line a phase."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for place, phase in enumerate(PHASES):
        stays: list[str] = []
        for word, row in ROWS.items():
            cell = row[place]
            if not isinstance(cell, Move) or _noted(row) or cell.step is note:
                continue
            for after in (cell.to, cell.also):
                if after == phase:
                    stays.append(word)
                elif after is not None:
                    lines.append(f"    {_name(phase)} --> {_name(after)}: {word}")
        if stays:
            lines.append(f"    {phase} --> {phase}: {', '.join(stays)}")
    noted = ", ".join(word for word, row in ROWS.items() if _noted(row))
    return "\n".join([*lines, "```", "", f"Noted in every state, changing nothing: {noted}."]) + "\n"


def declined() -> str:
    """The words that some phase refuses or ignores, as a table."""
    lines = [f"| word | {' | '.join(PHASES)} |", "|---" * (len(PHASES) + 1) + "|"]
    for word, row in ROWS.items():
        if any(isinstance(cell, Refuse | Ignore) for cell in row):
            lines.append(f"| {word} | {' | '.join(_said(cell) for cell in row)} |")
    return "\n".join(lines) + "\n"


def statuses() -> str:
    """Both shipped tables of statuses."""
    parts = []
    for name, rows in PRESETS.items():
        lines = [f"### {name}", "", f"| status | {' | '.join(_FLAGS)} |", "|---" * (len(_FLAGS) + 1) + "|"]
        for row in rows:
            marks = " | ".join("yes" if getattr(row, flag) else "–" for flag in _FLAGS)
            lines.append(f"| {row.name} · {row.name_ru} (`{row.slug}`) | {marks} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def refusals() -> str:
    """Each code with its words in both languages, parameters as they are written."""
    names = {"account", "capability", "group", "length", "limit", "operator", "reason", "right", "status"}
    names |= {"category", "given", "hours", "language", "name", "needed", "type", "what", "who"}
    shown = {name: f"{{{name}}}" for name in names}
    lines = ["| code | English | Russian |", "|---|---|---|"]
    lines += [f"| `{code}` | {words(code, 'en', shown)} | {words(code, 'ru', shown)} |" for code in CODES]
    return "\n".join(lines) + "\n"


def _noted(row: Row) -> bool:
    return all(isinstance(cell, Move) and cell.step in (note, note_blocked) for cell in row)


def _said(cell: Cell) -> str:
    if isinstance(cell, Refuse):
        return cell.code
    if isinstance(cell, Ignore):
        return "nothing changes"
    return f"→ {cell.to}" + (f" or {cell.also}" if cell.also else "")


def _name(phase: Phase) -> str:
    return "[*]" if phase == "none" else phase


if __name__ == "__main__":
    PAGE.write_text(page())
