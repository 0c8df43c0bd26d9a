"""Rules for messages: quiet hours, caps on text messages, discretion, answers."""

import re
from datetime import time
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.notifications import choices, rules
from vestibule.notifications.models import MessageRules
from vestibule.web.manager import fields
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show

MANAGE = (Permission.MANAGE_SETUP,)


class SendingRulesForm(fields.Form):
    """Every rule."""

    quiet_from = fields.clock(gettext_lazy("Rest from"))
    quiet_to = fields.clock(gettext_lazy("until"))
    is_discreet = fields.tick(
        gettext_lazy("Name neither your business nor the service where others may look"),
        hint=gettext_lazy(
            "Text messages, subjects of e-mails and calendar entries say only that there is an appointment, with whom"
            " and when. The e-mail itself says everything."
        ),
    )
    asks_for_answer = fields.tick(
        gettext_lazy("Ask for an answer in text messages"),
        hint=gettext_lazy(
            "“Reply C: I come. X: cancel. L: late.” Only where your gateway hands on what comes in. Off: what people"
            " write so all the same changes nothing; staff read it."
        ),
    )
    asks_for_consent = fields.tick(
        gettext_lazy("Ask before sending text messages"),
        hint=gettext_lazy(
            "Consumers tick a box beside their number; without the tick they get none about that appointment. Otherwise"
            " a sentence there says that text messages are sent and that STOP ends them."
        ),
    )
    mail_footer = fields.lines(
        gettext_lazy("At the end of every e-mail"),
        most=500,
        hint=gettext_lazy("Such as your address and what the law of your country asks for."),
    )
    sms_per_recipient = fields.number(gettext_lazy("To one number"), least=1, most=100)
    sms_per_prefix = fields.number(gettext_lazy("To one country"), most=1_000_000)
    sms_per_day = fields.number(gettext_lazy("In all"), most=1_000_000)
    country_prefixes = fields.text(
        gettext_lazy("Only to numbers that begin with"),
        most=300,
        required=False,
        hint=gettext_lazy("Country prefixes such as +41, +44; islands under +1 as +1876. Empty: every country."),
        inputmode="tel",
    )
    waits_too_long_minutes = fields.number(
        gettext_lazy("Somebody waits too long after"),
        least=1,
        most=240,
        hint=gettext_lazy("For the message to staff, where it is switched on under “What is sent”."),
    )


QUIET = gettext_lazy(
    "Text messages to consumers and helpers rest, by their own clocks. A reminder then leaves in the morning,"
    " or the evening before where the morning is too late. The same time twice: no rest."
)
GROUPS: tuple[tuple[Any, Any, tuple[str, ...]], ...] = (
    (
        gettext_lazy("Quiet hours"),
        QUIET,
        ("quiet_from", "quiet_to"),
    ),
    (gettext_lazy("What is said"), "", ("asks_for_consent", "is_discreet", "asks_for_answer", "mail_footer")),
    (
        gettext_lazy("Text messages a day, at most"),
        gettext_lazy("Against programs that book only to make numbers ring that cost you money."),
        ("sms_per_recipient", "sms_per_prefix", "sms_per_day", "country_prefixes"),
    ),
    (gettext_lazy("Staff"), "", ("waits_too_long_minutes",)),
)
UNITS = {
    "sms_per_recipient": gettext_lazy("messages"),
    "sms_per_prefix": gettext_lazy("messages"),
    "sms_per_day": gettext_lazy("messages"),
    "waits_too_long_minutes": gettext_lazy("minutes"),
}
TIMES = ("quiet_from", "quiet_to")


@open_to(Permission.SEE_SETUP, change=MANAGE)
def details(request: StaffRequest) -> HttpResponse:
    """Show and change the rules for messages."""
    current = choices.rules_of(request.business.pk)
    form = SendingRulesForm(request.POST or None, initial=_initial(current))
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: rules.change(request.actor, request.business, **_given(form.cleaned_data)))
        if not form.errors:
            return done(request, _("Saved. It holds from the next message on."), "manage-sending-rules")
    groups = [(title, note, [(form[name], UNITS.get(name, "")) for name in names]) for title, note, names in GROUPS]
    return show(request, "sending_rules.html", form=form, groups=groups, may_edit=may)


def _initial(current: MessageRules) -> dict[str, Any]:
    initial = {name: getattr(current, name) for name in SendingRulesForm.base_fields}
    for name in TIMES:
        initial[name] = time(initial[name] // 60, initial[name] % 60)
    return initial | {"country_prefixes": ", ".join(current.country_prefixes)}


def _given(cleaned: dict[str, Any]) -> dict[str, Any]:
    times = {name: cleaned[name].hour * 60 + cleaned[name].minute for name in TIMES}
    prefixes = [one for one in re.split(r"[\s,;]+", cleaned["country_prefixes"]) if one]
    return cleaned | times | {"country_prefixes": prefixes}
