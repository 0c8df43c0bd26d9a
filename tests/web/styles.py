"""The style sheets as a test reads them: which token has which colour in which scheme."""

import re
from pathlib import Path

STYLES = Path(__file__).parents[2] / "frontend" / "styles"


def declarations(css: str, selector: str) -> dict[str, str]:
    """Return the custom properties of every rule with exactly `selector`, comments left out."""
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found: dict[str, str] = {}
    for wanted, body in re.findall(r"([^{}]+)\{([^{}]*)\}", plain):
        if " ".join(wanted.split()) == selector:
            found |= {name: value.strip() for name, value in re.findall(r"--([\w-]+):([^;]+);", body)}
    return found


def without_media(css: str) -> str:
    return re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", css)


def in_scheme(tokens: dict[str, str], scheme: str) -> dict[str, str]:
    """Return each colour token as it shows in `scheme`, references followed."""

    def shown(value: str) -> str:
        if half := re.search(rf"var\(--if-{scheme}, ([^)]+)\)", value):
            return half.group(1)
        if other := re.fullmatch(r"var\(--([\w-]+)\)", value):
            return shown(tokens[other.group(1)])
        return value

    return {name: shown(value) for name, value in tokens.items()}


TOKENS_CSS = (STYLES / "tokens.css").read_text(encoding="utf-8")
ACCENTS_CSS = (STYLES / "accents.css").read_text(encoding="utf-8")
COLOURS = declarations(without_media(TOKENS_CSS), ":root, [data-theme]")
HIGH_CONTRAST = COLOURS | declarations(TOKENS_CSS[TOKENS_CSS.index("prefers-contrast") :], ":root, [data-theme]")
