"""The conversation's diagram, made of the table: `python -m router.diagram` writes it into README.md."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from router.conversation import ROWS, Cell, Ignore, Move, Refuse, Row
from router.dialog import PHASES, Phase
from router.hearing import note

README: Final = Path(__file__).parent / "README.md"
BEGIN: Final = "<!-- made of the table by `python -m router.diagram` -->\n"
END: Final = "<!-- end of what is made -->\n"


def mermaid() -> str:
    """The moves between phases as a mermaid state diagram; what stays in its phase is one line a phase."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for place, phase in enumerate(PHASES):
        stays: list[str] = []
        for word, row in ROWS.items():
            cell = row[place]
            if not isinstance(cell, Move) or cell.step is note:
                continue
            if cell.to == phase:
                stays.append(word)
            else:
                lines.append(f"    {_name(phase)} --> {_name(cell.to)}: {word}")
        if stays:
            lines.append(f"    {phase} --> {phase}: {', '.join(stays)}")
    noted = ", ".join(word for word, row in ROWS.items() if _noted(row))
    return "\n".join([*lines, "```", "", f"Noted in every phase, changing nothing: {noted}."]) + "\n"


def declined() -> str:
    """The words that some phase refuses or ignores, as a table."""
    lines = [f"| word | {' | '.join(PHASES)} |", "|---" * (len(PHASES) + 1) + "|"]
    for word, row in ROWS.items():
        if any(isinstance(cell, Refuse | Ignore) for cell in row):
            lines.append(f"| {word} | {' | '.join(_said(cell) for cell in row)} |")
    return "\n".join(lines) + "\n"


def made() -> str:
    """Everything of README.md that is made of the table."""
    return f"{BEGIN}{mermaid()}\n{declined()}{END}"


def current(readme: str) -> str:
    """The README with its made part as it has to be."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + made() + after


def _noted(row: Row) -> bool:
    return all(isinstance(cell, Move) and cell.step is note for cell in row)


def _said(cell: Cell) -> str:
    if isinstance(cell, Refuse):
        return cell.code
    return "nothing changes" if isinstance(cell, Ignore) else f"→ {cell.to}"


def _name(phase: Phase) -> str:
    return "[*]" if phase == "none" else phase


if __name__ == "__main__":
    README.write_text(current(README.read_text()))
