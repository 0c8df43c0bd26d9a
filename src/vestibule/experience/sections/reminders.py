"""The reminders of the business, and how discreet its messages are."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from vestibule.experience.sections import Section
from vestibule.experience.sections.described import entry, flag, many, number, one_of, some_of, text
from vestibule.experience.sections.wanted import changed, under
from vestibule.notifications import choices, reminders, rules
from vestibule.notifications.models import Reminder
from vestibule.notifications.reminders import Wanted
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

RULES = ("is_discreet", "asks_for_answer", "asks_for_consent", "quiet_from", "quiet_to", "mail_footer")
KEYS = ("list", *RULES)
ONE = ("side", "offset_minutes", "audiences", "channel", "words", "is_on")


def read(business: Business) -> dict[str, Any]:
    """Return the reminders that hold, built-in ones if nobody chose others, and the rules beside them."""
    held = choices.rules_of(business.pk)
    chosen = reminders.of(business) or reminders.built_in()
    listed = [{key: _plain(getattr(one, key)) for key in ONE} for one in chosen]
    return {"list": listed, **{key: getattr(held, key) for key in RULES}}


def write(actor: Actor, business: Business, wanted: Any, was: Any) -> None:
    """Change what differs."""
    with under(SECTION.name):
        changes = changed(wanted, was, KEYS)
        if "list" in changes:
            _put(actor, business, [_wanted(number, one) for number, one in enumerate(_many(changes["list"]))])
        others = {name: value for name, value in changes.items() if name != "list"}
        if others:
            rules.change(actor, business, **others)


def _put(actor: Actor, business: Business, wanted: list[Wanted]) -> None:
    """Let these be all reminders; what is refused is named by its place in the document."""
    try:
        reminders.put(actor, business, wanted)
    except Invalid as refused:
        place = str(refused.facts.get("field", "")).removeprefix("reminders")
        refused.facts["field"] = f"list{place}_minutes" if place.endswith(".offset") else f"list{place}"
        raise


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value if isinstance(value, bool | int | list) else str(value)


def _many(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise Invalid(_("The reminders have to be a list."), field="list")
    return given


def _wanted(number: int, given: Any) -> Wanted:
    types = {"side": str, "offset_minutes": int, "audiences": list, "channel": str, "words": str, "is_on": bool}
    if not isinstance(given, Mapping) or not set(given) <= set(ONE):
        raise Invalid(_("This reminder cannot be read. Write it again."), field=f"list.{number}")
    for name, value in given.items():
        if type(value) is not types[name]:
            raise Invalid(_("This reminder cannot be read. Write it again."), field=f"list.{number}.{name}")
    return Wanted(
        side=given.get("side", "before"),
        offset_minutes=given.get("offset_minutes", 0),
        audiences=tuple(str(one) for one in given.get("audiences", ())),
        channel=given.get("channel", ""),
        words=given.get("words", ""),
        is_on=given.get("is_on", True),
    )


_MINUTE = (0, 24 * 60 - 1)
SCHEMA = entry(
    "What is sent before and after appointments by itself, and how discreetly.",
    {
        "list": many(
            "The reminders of all services that have none of their own.",
            entry(
                "One reminder.",
                {
                    "side": one_of("Before the start or after the end.", Reminder.Side.values),
                    "offset_minutes": number("How many minutes.", 5, reminders.LONGEST_BEFORE),
                    "audiences": some_of("Who gets it.", choices.EVERYBODY),
                    "channel": one_of("By e-mail or text message.", reminders.CHANNELS),
                    "words": text("What is added to the usual words.", 500),
                    "is_on": flag("Whether it is sent."),
                },
                required=("side", "offset_minutes", "audiences", "channel"),
            ),
            reminders.MOST,
        ),
        "is_discreet": flag("Subjects and text messages name neither service nor business."),
        "asks_for_answer": flag("Reminders ask to confirm or cancel."),
        "asks_for_consent": flag("Text messages go only to who ticked the box for them."),
        "quiet_from": number("Minute of the day from which text messages rest.", *_MINUTE),
        "quiet_to": number("Minute at which they go on; the same: they never rest.", *_MINUTE),
        "mail_footer": text("Below every mail.", 500),
    },
)
SECTION = Section("reminders", read, write, SCHEMA)
