"""The measure of reading itself: it counts what agrees, for us and for the plain library."""

import json
from pathlib import Path

import pytest

from tests.support.letters import letter
from tests.support.mail_agreement import report, run

pytestmark = pytest.mark.feature("CH11")


def test_agreement_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = tmp_path / "source" / "raw"
    raw.mkdir(parents=True)
    (raw / "one.eml").write_bytes(
        letter("Заказ".encode("cp1251"), content_type="text/plain; charset=cp-1251")
    )
    (raw / "two.eml").write_bytes(letter("two", headers={"Subject": "another"}))
    (raw / "bomb.eml").write_bytes(b"X: y\r\n" * 5000)
    stated = {"subject": "Order 12", "text": "Заказ", "from": {"name": "Anna", "email": "anna@example.org"}}
    expected = {"one.eml": stated, "two.eml": {"subject": "Order 12"}}
    (tmp_path / "source" / "expectations.json").write_text(json.dumps(expected), encoding="utf-8")
    result = run(tmp_path)
    assert (result.read, result.refused) == (2, ["source/bomb.eml: fields"])
    counts = {name: (row.stated, row.ours, row.plain) for name, row in result.fields.items()}
    assert counts == {"subject": (2, 1, 1), "text": (1, 1, 0), "from": (1, 1, 1)}
    report(result, why=True)
    assert "subject: source/two.eml" in capsys.readouterr().out
