"""What other programs wrapped: invitations, whole letters of Outlook, seals."""

import struct

import pytest

from gateways.email.mail import Invitation, Mail
from gateways.email.reading.reader import read
from tests.support.letters import file_part, letter, letter_of, part

pytestmark = pytest.mark.feature("CH11", "MS3")

CALENDAR = """BEGIN:VCALENDAR
PRODID:-//x//y
VERSION:2.0
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Our time
BEGIN:STANDARD
DTSTART:20000101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1
DTSTART;TZID=Our time:20261121T101200
DTEND;TZID=Our time:20261121T111200
SUMMARY:Встреча\\, важная
LOCATION:Переговорная
END:VEVENT
END:VCALENDAR
"""


def invited(calendar: str) -> Mail:
    return read(
        letter_of(
            "alternative",
            part("Приходите"),
            part("<p>Приходите</p>", "text/html; charset=utf-8"),
            part(calendar, "text/calendar; charset=utf-8; method=REQUEST"),
        )
    )


def test_an_invitation_is_read_and_its_file_kept() -> None:
    mail = invited(CALENDAR)
    assert mail.invitation == Invitation(
        "REQUEST", "Встреча, важная", "2026-11-21T10:12:00+03:00", "2026-11-21T11:12:00+03:00", "Переговорная"
    )
    assert [(file.name, file.mime_type) for file in mail.attachments] == [("invite.ics", "text/calendar")]
    assert mail.text == "Приходите"


def test_other_invitations() -> None:
    whole_day = CALENDAR.replace(";TZID=Our time:20261121T101200", ";VALUE=DATE:20261121")
    whole_day = whole_day.replace("DTEND;TZID=Our time:20261121T111200\n", "")
    assert invited(whole_day).invitation == Invitation(
        "REQUEST", "Встреча, важная", "2026-11-21", None, "Переговорная"
    )
    lasting = CALENDAR.replace("DTEND;TZID=Our time:20261121T111200", "DURATION:PT30M")
    found = invited(lasting).invitation
    assert found is not None
    assert found.ends == "2026-11-21T10:42:00+03:00"
    broken = invited("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:x\n")
    assert broken.invitation is None
    assert len(broken.attachments) == 1


def winmail(*objects: tuple[int, int, bytes]) -> bytes:
    """TNEF with these objects: level, tag with type, content."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    for level, tag, data in objects:
        out += struct.pack("<BII", level, tag, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
    return out + b"\x00" * 12


RENDERED = (2, 0x00069002, b"\x01\x00" + b"\x00" * 12)
TITLE = 0x00018010
DATA = 0x0006800F
BODY = 0x0002800C


def test_winmail_is_unpacked() -> None:
    wrapped = winmail(
        (1, BODY, "Письмо из Outlook".encode("cp1251") + b"\x00"),
        RENDERED,
        (2, TITLE, "Отчёт.txt".encode("cp1251") + b"\x00"),
        (2, DATA, b"content"),
    )
    mail = read(
        letter_of("mixed", file_part(wrapped, 'application/ms-tnef; name="winmail.dat"', "attachment"))
    )
    assert [(file.name, file.content) for file in mail.attachments] == [("Отчёт.txt", b"content")]
    assert mail.text == "Письмо из Outlook"
    beside = read(letter_of("mixed", part("слова"), file_part(wrapped, "application/ms-tnef", "attachment")))
    assert beside.text.strip() == "слова"


@pytest.mark.parametrize(
    "content",
    [b"", b"not TNEF", winmail()[:7], winmail((2, DATA, b"x")), winmail((1, 0x00069003, b"\xff" * 40))],
)
def test_a_winmail_that_nobody_opens_is_kept(content: bytes) -> None:
    mail = read(
        letter_of("mixed", file_part(content, "application/ms-tnef", 'attachment; filename="winmail.dat"'))
    )
    assert [(file.name, file.content) for file in mail.attachments] == [("winmail.dat", content)]


def test_seals() -> None:
    signed = read(
        letter_of(
            "signed",
            part("слова"),
            file_part(b"\x30", "application/pkcs7-signature", 'attachment; filename="smime.p7s"'),
            parameters='; protocol="application/pkcs7-signature"',
        )
    )
    assert (signed.protection, signed.text.strip()) == ("signed", "слова")
    assert [file.name for file in signed.attachments] == ["smime.p7s"]
    sealed = read(
        letter_of(
            "encrypted",
            part("Version: 1", "application/pgp-encrypted"),
            part("-----BEGIN PGP MESSAGE-----", 'application/octet-stream; name="encrypted.asc"'),
        )
    )
    assert (sealed.protection, sealed.text) == ("encrypted", "")
    assert [file.name for file in sealed.attachments] == ["version.asc", "encrypted.asc"]
    for smime_type, protection in (("enveloped-data", "encrypted"), ("signed-data", "signed")):
        opaque = read(
            letter("MA==", content_type=f"application/pkcs7-mime; smime-type={smime_type}", encoding="base64")
        )
        assert opaque.protection == protection
        assert [file.name for file in opaque.attachments] == ["smime.p7m"]
    assert read(letter("-----BEGIN PGP MESSAGE-----\nhQE")).protection == "encrypted"
    assert read(letter("-----BEGIN PGP SIGNED MESSAGE-----\nHash: x\n\nслова")).protection == "signed"
    assert read(letter("слова")).protection is None
