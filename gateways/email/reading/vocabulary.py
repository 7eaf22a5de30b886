"""The words with which mail programs and people begin quotes, forwards and signatures, a language a line.

Each is a part of a regular expression, alternatives behind one another.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final


def _alternatives(lines: str) -> str:
    return "|".join(line.strip() for line in lines.strip().splitlines())


VERBS: Final = _alternatives("""
    wrote|writes|said
    написала?|написал\\(а\\)|писала?|пишет|сообщила?
    написав|написала|пише|напісаў
    schrieb|schreef|écrit|ha scritto|escribió|escreveu
    napisał(?:\\(a\\)|a)?|napsala?|skrev|kirjoitti|írta|a scris|yazdı
    さんは書きました|写道|のメッセージ
""")
"""Of whoever is quoted."""

OPENINGS: Final = _alternatives("""
    on|the|a|mon|tue|wed|thu|fri|sat|sun
    в|вы|пн|вт|ср|чт|пт|сб|вс
    понедельник|вторник|среда|четверг|пятница|суббота|воскресенье
    le|am|el|il|op|em|den|dnia|w dniu|dne
""")
"""With which the line above a quote begins."""

ORIGINALS: Final = _alternatives("""
    original message|original appointment|reply message
    исходное (?:сообщение|письмо)|оригинальное (?:сообщение|письмо)|первоначальное сообщение
    вихідне повідомлення
    ursprüngliche nachricht|originalnachricht
    message d.origine|message original|mensaje original|messaggio originale|mensagem original
    oorspronkelijk bericht|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding
    wiadomość oryginalna|oryginalna wiadomość|původní zpráva|alkuperäinen viesti|orijinal mesaj
    元のメッセージ|原始邮件|원본 메시지
""")

FORWARDS: Final = _alternatives("""
    forwarded message|forwarded by\\b.{0,80}
    пересылаемое (?:сообщение|письмо)|пересланное (?:сообщение|письмо)
    перенаправленное (?:сообщение|письмо)|переслане повідомлення
    weitergeleitete nachricht|message transféré|mensaje reenviado|messaggio inoltrato
    doorgestuurd bericht|přeposlaná zpráva|wiadomość przekazana
    videresendt meddelelse|vidarebefordrat meddelande
""")

FORWARDS_OF_APPLE: Final = _alternatives("""
    begin forwarded message:
    начало (?:переадресованного|пересылаемого|пересланного) (?:сообщения|письма):
""")

FORWARD_SUBJECTS: Final = _alternatives("""
    fwd?|wg|tr|rv|enc|doorst|vb|pd
    пересл|пер|переслано|пересылка
""")

LABELS: Final = MappingProxyType(
    {
        "from": _alternatives("""
            from|от|от кого|отправитель|від
            von|de|da|van|od|fra|från|feladó|lähettäjä|gönderen|发件人|差出人|보낸 사람
        """),
        "sent": _alternatives("""
            sent|date|отправлено|дата|когда|надіслано
            gesendet|datum|envoyé|envoyé le|message du|inviato|data|verzonden|wysłano|wysłane
            sendt|dato|skickat|lähetetty|enviado|enviado el|fecha|发送时间|日期|送信日時|日付|보낸 날짜
        """),
        "to": _alternatives("""
            to|кому|an|à|a|para|aan|do|til|till|vastaanottaja|kime|收件人|宛先|받는 사람
        """),
        "subject": _alternatives("""
            subject|тема|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|temat|emne|ämne
            předmět|konu|aihe|主题|件名|제목
        """),
    }
)
"""The headers of a mail as Outlook and its like write them above what they quote."""

PROGRAMS: Final = _alternatives("""
    iphone|ipad|apple|android|samsung|galaxy|blackberry|huawei|xiaomi|honor|nokia|wiko|verizon
    windows|outlook|yahoo|gmail|proton|thunderbird|spark|aol|ymail|gmx|web\\.de|mail
    mobile|mobil|smartphone|phone|myphone|device|handy
    почты|яндекс|телефона|смартфона|планшета|устройства
""")

SENT_FROM: Final = _alternatives("""
    (?:sent|written|posted) (?:from|with|using|via)|get
    отправлено|отправлен|послано|надіслано|написано|обзор
    von meinem|gesendet|envoyé|télécharger|enviado|inviato|scarica|verstuurd|verzonden
    wysłan[eo]|sendt|skickat|lähetetty
""")

CLOSINGS: Final = _alternatives("""
    с уважением|с наилучшими(?: пожеланиями)?|всего (?:доброго|наилучшего|хорошего)
    с благодарностью|искренне ваш
    з повагою|з найкращими побажаннями
    (?:best|kind|kindest|warm|warmest|many thanks and) regards|regards|thanks (?:&|and) regards
    best wishes|all the best|sincerely|yours (?:truly|sincerely|faithfully)|cheers|br
    mit freundlichen grüßen|freundliche grüße|viele grüße|beste grüße|mfg
    cordialement|bien cordialement|bien à vous|salutations
    saludos(?: cordiales)?|un saludo|atentamente|atenciosamente
    cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?
    pozdrawiam|z powa[żz]aniem|s pozdravem
    med venlig hilsen|venlig hilsen|hilsen|mvh|vh|kh|med v[äa]nliga? h[äa]lsning(?:ar)?|hälsningar
""")
"""Of letters, above a name."""
