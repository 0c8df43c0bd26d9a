"""What to put into a site so that a business' pages stand in it, ready to copy: for HTML, React and WordPress."""

from dataclasses import dataclass
from html import escape

from vestibule.people.models import Business

TAGS = {
    "book": "vestibule-book",
    "button": "vestibule-button",
    "visit": "vestibule-visit",
    "survey": "vestibule-survey",
}


@dataclass(frozen=True)
class Element:
    """One element of a site: which, of whom, what is chosen already, and what is read where it cannot be shown."""

    show: str
    business: Business
    server: str
    words: str
    service: str = ""
    provider: str = ""

    @property
    def tag(self) -> str:
        """Its name in HTML."""
        return TAGS[self.show]

    def attributes(self) -> dict[str, str]:
        """Return its attributes, those that say something."""
        given = {"business": self.business.slug, "service": self.service, "provider": self.provider}
        if self.show in ("visit", "survey"):
            given["link"] = ""
        return {name: value for name, value in given.items() if value or name == "link"}

    @property
    def page(self) -> str:
        """Where the same is without a frame."""
        path = "/visit" if self.show in ("visit", "survey") else f"/book/{self.business.slug}"
        return f"{self.server}{path}{f'/{self.service}' if self.service and path != '/visit' else ''}"


def html(one: Element) -> str:
    """Return what goes into a page of HTML."""
    return f'<script type="module" src="{one.server}/embed.js"></script>\n{_markup(one)}\n'


def react(one: Element) -> str:
    """Return a component for React 19, which passes attributes and events of elements on; the script comes first."""
    listens = "onvestibule-booked={(event) => console.log(event.detail)}"
    lines = [
        f'// In index.html: <script type="module" src="{one.server}/embed.js"></script>',
        "export function Appointments() {",
        "  return (",
        f"    <{one.tag} {_attributes(one)} {listens}>",
        f"      {_link(one)}",
        f"    </{one.tag}>",
        "  );",
        "}",
    ]
    return "\n".join(lines) + "\n"


def wordpress(one: Element) -> str:
    """Return what goes into a theme's functions.php; the element itself into a block "Custom HTML"."""
    return (
        "add_action( 'wp_enqueue_scripts', function () {\n"
        f"    wp_enqueue_script_module( 'vestibule', '{one.server}/embed.js' );\n"
        "} );\n"
    )


def block(one: Element) -> str:
    """Return the element alone, for a block "Custom HTML"."""
    return f"{_markup(one)}\n"


def _markup(one: Element) -> str:
    return f"<{one.tag} {_attributes(one)}>\n  {_link(one)}\n</{one.tag}>"


def _attributes(one: Element) -> str:
    return " ".join(f'{name}="{escape(value)}"' for name, value in one.attributes().items())


def _link(one: Element) -> str:
    return f'<a href="{escape(one.page)}">{escape(one.words)}</a>'
