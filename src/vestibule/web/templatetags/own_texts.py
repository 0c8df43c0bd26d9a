"""Words of a business' own on its pages, instead of the built-in ones or beside them. No `{% load %}` is needed.

They are plain text: escaped, line breaks kept. The business is the one the page is about.
"""

from typing import Any

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from vestibule.experience import texts
from vestibule.people.models import Business

register = template.Library()
IN_CALL_WORDS = {"waiting_heading": "waiting.title", "waiting_text": "waiting.keep"}
"""Places that a script fills, by the key it has for their words."""


class OwnText(template.Node):
    """Own words in place of those between the tags."""

    def __init__(self, key: str, built_in: NodeList) -> None:
        self.key, self.nodelist = key, built_in

    def render(self, context: Context) -> SafeString:
        own = said(context, self.key)
        return linebreaksbr(own, autoescape=True) if own else self.nodelist.render(context)


@register.tag
def own_text(parser: Parser, token: Token) -> OwnText:
    """Say own words, else what stands in between: `{% own_text "key" %}…{% endown_text %}`."""
    key = _key(token)
    built_in = parser.parse(("endown_text",))
    parser.delete_first_token()
    return OwnText(key, built_in)


@register.simple_tag(takes_context=True)
def own_paragraph(context: Context, key: str, classes: str = "") -> SafeString:
    """Return own words as a paragraph; nothing where there are none: `{% own_paragraph "key" "lead" %}`."""
    own = said(context, texts.PLACES[key].key)
    return format_html('<p class="own {}">{}</p>', classes, linebreaksbr(own, autoescape=True)) if own else SafeString()


def said(context: Context, key: str) -> str:
    """Return the own words at a place in the language of the page, "" without any."""
    business: Any = context.get("business")
    return texts.said(business, key, get_language() or "") if isinstance(business, Business) else ""


def for_script(context: Context) -> dict[str, str]:
    """Return own words of the places that a script fills, by its keys."""
    found = {theirs: said(context, key) for key, theirs in IN_CALL_WORDS.items()}
    return {key: words for key, words in found.items() if words}


def _key(token: Token) -> str:
    parts = token.split_contents()
    key = parts[1].strip("\"'") if len(parts) == 2 else ""
    if key not in texts.PLACES:
        raise template.TemplateSyntaxError(f"own_text takes the key of a place in experience.texts, not {parts[1:]}")
    return key
