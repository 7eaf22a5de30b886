"""HTML of strangers: nothing in it runs, nothing is fetched, and its words are there."""

import re

import pytest

from gateways.email.mail import Mail
from gateways.email.reading.html import shown
from gateways.email.reading.reader import read
from tests.support.letters import file_part, letter, letter_of, part

pytestmark = pytest.mark.feature("CH11")


def of(html: str | bytes, content_type: str = "text/html; charset=utf-8") -> Mail:
    return read(letter(html, content_type=content_type))


ATTACKS = {
    "script": "<script>alert(1)</script>",
    "script in pieces": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "handler": '<img src="cid:a" onerror=alert(1)><p onclick="alert(1)">x</p>',
    "svg": "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "math": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=x&gt;">',
    "mutation": '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "template": "<template><script>alert(1)</script></template>",
    "javascript": '<a href="javascript:alert(1)">x</a><a href=" java&#9;script:alert(1)">y</a>',
    "vbscript": '<a href="vbscript:x">x</a>',
    "data link": '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "data picture of SVG": '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    "style": '<style>@import url(https://evil.example/x.css)</style><p style="background:url(https://evil.example/x)">x',
    "base": '<base href="https://evil.example/"><a href="x">x</a>',
    "refresh": '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    "form": '<form action="https://evil.example"><input name=a><button formaction=x>b</button></form>',
    "frame": '<iframe src="https://x.example" srcdoc="<script>x</script>"></iframe><frameset><frame src=x>',
    "object": '<object data="https://evil.example/x.swf"></object><embed src="https://evil.example">',
    "link": '<link rel=stylesheet href="https://evil.example/x.css"><link rel=prefetch href="https://evil.example">',
    "sets": '<img srcset="https://evil.example/a 1x" src="cid:a"><picture><source srcset="https://evil.example/b"></picture>',
    "background": '<table background="https://evil.example/a"><tr><td background="https://evil.example/b">x',
    "media": '<video src="https://evil.example/a" poster="https://evil.example/b"></video><audio src="https://evil.example"></audio>',
    "own mark": '<img data-remote-src="javascript:alert(1)"><p data-remote-src="x">y</p>',
    "relative picture": '<img src="/api/v1/secret"><img src="tracker.png">',
    "names of the page": '<p id="app" class="dialog" name="x">x</p><img name="getElementById" src="cid:a">',
    "attribute in an attribute": '<p title="<img src=x onerror=alert(1)>">x</p>',
    "entities": '<a href="&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)">x</a>',
    "unclosed": '<img src="cid:a" onerror="alert(1)',
    "comment": "<!--><script>alert(1)</script>--><![CDATA[<script>alert(1)</script>]]>",
}
ALLOWED_LINKS = re.compile(r"^(?:https?:|mailto:|tel:|cid:|#)")


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_runs_and_nothing_is_fetched(name: str) -> None:
    html = of(f"<p>before</p>{ATTACKS[name]}<p>after</p>").html or ""
    tags = re.findall(r"<[a-z/][^\">]*(?:\"[^\"]*\"[^\">]*)*>", html)
    for tag in tags:
        assert (
            re.match(
                r"</?(?:script|style|svg|math|form|input|button|iframe|frame|object|embed|link|meta|base|video|audio|source)",
                tag,
            )
            is None
        ), tag
        bare = dict(re.findall(r'\s([a-z-]+)="([^"]*)"', tag))
        assert not {key for key in bare if key.startswith("on")}, tag
        assert not set(bare) & {"style", "class", "id", "srcset", "background", "action", "formaction"}, tag
        for key in ("href", "src"):
            assert ALLOWED_LINKS.match(bare.get(key, "#")), tag
        assert not bare.get("src", "cid:").startswith("http"), tag
        assert bare.get("data-remote-src", "http").startswith("http"), tag
    assert "before" in html


def test_remote_pictures_wait_until_they_are_asked_for() -> None:
    mail = of(
        '<p>x</p><img src="https://pixel.example/a?b=1&amp;c=2" width="1"><img src="//cdn.example/b.png">'
    )
    assert mail.remote_content
    assert mail.html is not None
    assert 'data-remote-src="https://pixel.example/a?b=1&amp;c=2"' in mail.html
    assert 'data-remote-src="https://cdn.example/b.png"' in mail.html
    assert not of("<p>x</p><img src=cid:a>").remote_content


def test_a_picture_of_the_mail_stands_in_its_place() -> None:
    mail = read(
        letter_of(
            "related",
            part('<p>Вот: <img src="cid:pic@x"></p>', "text/html; charset=utf-8"),
            file_part(b"\x89PNG", 'image/png; name="a.png"', 'inline; filename="a.png"', "pic@x"),
            file_part(b"\x89PNG2", 'image/png; name="b.png"', 'inline; filename="b.png"', "other@x"),
        )
    )
    assert mail.html is not None
    assert '<img src="cid:pic@x">' in mail.html
    assert [(file.name, file.content_id, file.inline) for file in mail.attachments] == [
        ("a.png", "pic@x", True),
        ("b.png", "other@x", False),
    ]


def test_a_picture_inside_the_html_becomes_a_file() -> None:
    mail = of('<img src="data:image/png;base64,aGVsbG8=">')
    (file,) = mail.attachments
    assert (file.content, file.mime_type, file.inline) == (b"hello", "image/png", True)
    assert mail.html == f'<img src="cid:{file.content_id}">'


WORDS = {
    "blocks": ("<div>a</div><div>b</div>", "a\nb"),
    "paragraphs": ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc"),
    "blanks": ("  a \n\t b&nbsp;c ", "a b\xa0c"),
    "lists": ("<ul><li>a<li>b</ul>", "- a\n- b"),
    "tables": ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
    "links": ('<a href="https://x.example/y">сюда</a>', "сюда <https://x.example/y>"),
    "links that say it": ('<a href="https://x.example/">x.example</a>', "x.example"),
    "links to people": ('<a href="mailto:a@b.example">Анна</a>', "Анна"),
    "preformatted": ("<pre>a\n  b</pre>", "a\n  b"),
    "quotes": ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n>> b\n\nc"),
    "hidden": ('<p>a</p><div style="display:none">b<p>c</p></div><p>d</p>', "a\n\nd"),
    "head": ("<html><head><title>t</title><style>p{}</style></head><body>a</body></html>", "a"),
    "entities": ("&lt;b&gt; &amp; &eacute;", "<b> & é"),
    "pictures of letters": ('a <img alt="😀" src="https://x.example/1.png"> b', "a 😀 b"),
    "office": ("<!--[if mso]><p>old</p><![endif]--><p class=MsoNormal>a<o:p></o:p></p>", "a"),
    "nothing": ("<p>&nbsp;</p>", ""),
}


@pytest.mark.parametrize("name", WORDS)
def test_words(name: str) -> None:
    html, text = WORDS[name]
    assert of(html).text == text


def test_the_text_part_speaks_where_there_is_one() -> None:
    mail = read(
        letter_of("alternative", part("слова"), part("<b>слова в HTML</b>", "text/html; charset=utf-8"))
    )
    assert (mail.text, mail.html) == ("слова", "<b>слова в HTML</b>")


@pytest.mark.parametrize("text", ["", " \r\n", "Your mail program cannot show HTML."])
def test_an_empty_text_part_leaves_the_word_to_the_html(text: str) -> None:
    html = (
        "<p>Настоящие слова, которых в тексте нет, и довольно много, чтобы было видно разницу между ними.</p>"
        * 3
    )
    mail = read(letter_of("alternative", part(text), part(html, "text/html; charset=utf-8")))
    assert mail.text.startswith("Настоящие слова")


def test_words_between_pieces_of_html_keep_their_place() -> None:
    """As Apple Mail writes: text, a file, HTML, more text."""
    mail = read(
        letter_of("mixed", part("один <b>"), part("<p>два</p>", "text/html; charset=utf-8"), part("три"))
    )
    assert mail.text.split() == ["один", "<b>", "два", "три"]
    assert mail.html == "<pre>один &lt;b&gt;</pre>\n<p>два</p>\n<pre>три</pre>"


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        ('<meta charset="koi8-r"><p>Привет</p>'.encode("koi8-r"), "text/html"),
        (
            '<meta http-equiv=Content-Type content="text/html; charset=windows-1251">Привет'.encode("cp1251"),
            "text/html",
        ),
        ("<p>Привет</p>".encode("cp1251"), "text/html; charset=unknown-8bit"),
    ],
)
def test_charset_of_html(raw: bytes, content_type: str) -> None:
    assert of(raw, content_type).text == "Привет"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 2000 + "слова" + "</div>" * 2000,
        "<p></p>" * 30_001 + "слова",
        "&nbsp;" * 100_001 + "слова",
        "<b>" * 999 + "<i></i>" * 3000 + "слова",
    ],
    ids=["deep", "tags", "entities", "deep and many"],
)
def test_too_much_html_is_a_file_with_its_words_kept(html: str) -> None:
    """Each takes the sanitiser more than linear time."""
    mail = of(html)
    assert mail.html is None
    assert mail.text.strip("\xa0") == "слова"
    assert [file.name for file in mail.attachments] == ["message.html"]
    assert "its HTML is too much to show" in mail.defects


def test_one_walk_gives_lines_and_markup() -> None:
    seen = shown("<p>a</p><p>b</p>")
    assert seen.html == "<p>a</p><p>b</p>"
    assert [line.text for line in seen.lines] == ["a", "", "b"]
