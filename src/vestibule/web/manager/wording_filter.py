"""Which of the many messages the list of words shows: to whom, with own words or sent now, named by a word."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from vestibule.web.manager import fields
from vestibule.web.manager.sending_pages import AUDIENCES

OWN, SENT = "own", "sent"
Group = tuple[Any, list[dict[str, Any]]]


class WordsFilter(fields.Form):
    """What to list; empty: everything."""

    q = fields.text(gettext_lazy("Message"), most=60, required=False)
    whom = fields.one_of(
        gettext_lazy("To"),
        [("", gettext_lazy("Everybody")), *((str(key), title) for key, title in AUDIENCES)],
        required=False,
    )
    show = fields.one_of(
        gettext_lazy("Show"),
        [("", gettext_lazy("All")), (OWN, gettext_lazy("With own words")), (SENT, gettext_lazy("What is sent now"))],
        required=False,
    )

    def listed(self, groups: Mapping[str, Group]) -> list[Group]:
        """Return of the groups, by audience, what is asked for; all of them where the form makes no sense."""
        if not self.is_valid():
            return list(groups.values())
        whom = self.cleaned_data["whom"]
        wanted = [group for audience, group in groups.items() if whom in ("", audience)]
        found = [(title, [row for row in rows if self._wants(row)]) for title, rows in wanted]
        return [(title, rows) for title, rows in found if rows]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return not any(self.data.get(name) for name in self.fields)

    def _wants(self, row: Mapping[str, Any]) -> bool:
        said = f"{row['title']} {row['note']}".casefold()
        if not all(part in said for part in self.cleaned_data["q"].casefold().split()):
            return False
        return _shows(self.cleaned_data["show"], [way for _channel, way in row["ways"] if way is not None])


def _shows(wanted: str, ways: Iterable[Any]) -> bool:
    if wanted == OWN:
        return any(way.languages for way in ways)
    return wanted != SENT or any(way.is_sent for way in ways)
