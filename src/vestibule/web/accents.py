"""The colours a business may choose: the names in frontend/styles/accents.css, which holds the colours themselves."""

DEFAULT = "lake"

BANDS = {
    "lake": "#014244",
    "harbour": "#0d3771",
    "moss": "#1d431a",
    "plum": "#522356",
    "brick": "#651e0c",
    "ochre": "#4f3300",
    "slate": "#2b3b47",
    "rose": "#671331",
}
"""Each accent with the colour of its header, which the browser's own frame takes up."""
