"""Templates without the indentation of their lines: it would be half of what is sent for some pages.

It is taken out once, when a template is read. Where spaces count (`<pre>`, `<textarea>`, texts to translate, which are
known by every sign) all stays as written.
"""

import re

from django.template import Origin
from django.template.loaders import app_directories, filesystem

_KEPT_OR_INDENTATION = re.compile(
    r"(<(?P<name>pre|textarea)\b.*?</(?P=name)>|\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\})"
    r"|(?:(?<=\n)|\A)[ \t]+",
    re.DOTALL | re.IGNORECASE,
)


def unindented(written: str) -> str:
    """Return a template of HTML with the same lines, each from its first sign on."""
    return _KEPT_OR_INDENTATION.sub(lambda found: found[1] or "", written)


def _read(origin: Origin, contents: str) -> str:
    return unindented(contents) if str(origin.name).endswith(".html") else contents


class FromFolders(filesystem.Loader):
    """Finds templates in the folders of the settings."""

    def get_contents(self, origin: Origin) -> str:
        """Return the template without indentation if it is one of HTML; raises TemplateDoesNotExist."""
        return _read(origin, super().get_contents(origin))


class FromApps(app_directories.Loader):
    """Finds templates in the folders of the installed apps."""

    def get_contents(self, origin: Origin) -> str:
        """Return the template without indentation if it is one of HTML; raises TemplateDoesNotExist."""
        return _read(origin, super().get_contents(origin))
