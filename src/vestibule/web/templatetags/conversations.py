"""How words of a conversation are shown without script: as `frontend/elements/links.ts` does."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_LINK = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}’”"
_ANCHOR = '<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>'


@register.filter
def safe_links(text: str) -> SafeString:
    """Return `text` escaped, its http and https addresses as links and its lines as lines."""
    lines = (format_html_join("", "{}", ((piece,) for piece in _pieces(line))) for line in text.splitlines())
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in lines))


def _pieces(line: str) -> Iterator[SafeString]:
    at = 0
    for match in _LINK.finditer(line):
        address = match[0].rstrip(_TRAILING)
        if not _is_safe(address):
            continue
        yield conditional_escape(line[at : match.start()])
        yield format_html(_ANCHOR, address, address)
        at = match.start() + len(address)
    yield conditional_escape(line[at:])


def _is_safe(address: str) -> bool:
    """Tell whether it names a host, without a name before it that makes it look like another site's."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc
