"""The gateways of a business: which there are, how they are doing, one more, another access, a test, the way out."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.notifications import gateway_setup, gateways
from vestibule.notifications.models import Gateway, OutboxMessage
from vestibule.notifications.ports import Adapter
from vestibule.people.ports import NotConnected
from vestibule.web import gateway_state
from vestibule.web.manager.gateway_forms import GatewayForm, TestForm
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, find, open_to, show
from vestibule.web.manager.vendor_fields import initial

Channel = OutboxMessage.Channel


@open_to(Permission.MANAGE_SETUP)
def overview(request: StaffRequest) -> HttpResponse:
    """Show the gateways of each channel, in the order they are tried."""
    rows = Gateway.objects.visible_to(request.actor).filter(business=request.business)
    return show(request, "gateways.html", channels=gateway_state.channels(rows))


@open_to(Permission.MANAGE_SETUP)
def choose(request: StaffRequest, channel: str) -> HttpResponse:
    """Show which kinds of gateway carry a channel."""
    kinds = [(kind, gateways.adapter(channel, kind)) for kind in _kinds(channel)]
    offered = [(kind, _(one.label), _(one.purpose)) for kind, one in kinds]
    return show(request, "gateway_kinds.html", channel=channel, kinds=offered)


@open_to(Permission.MANAGE_SETUP)
def add(request: StaffRequest, channel: str, kind: str) -> HttpResponse:
    """Set one up: tested, then stored."""
    if kind not in _kinds(channel):
        raise Http404
    adapter = gateways.adapter(channel, kind)
    form = GatewayForm(request.POST or None, adapter=adapter, channel=channel, initial=initial(adapter.fields))
    is_proven: bool | None = None
    if request.method == "POST" and form.is_valid():
        business, access, sender = request.business, form.access(), form.cleaned_data["sender"]
        if "test" in request.POST:
            to = form.cleaned_data["to"]
            is_proven = attempt(
                form, lambda: gateway_setup.test(request.actor, business, channel, kind, access, sender, to=to)
            )
        else:
            made = attempt(
                form,
                lambda: gateway_setup.connect(request.actor, business, channel, kind, access, sender, **form.also()),
            )
            if made is not None:
                words = _("“%(name)s” is set up. Messages go out by it from now on.") % {"name": made.name}
                return done(request, words, reverse("manage-gateway", args=[made.ref]))
    context: dict[str, Any] = {
        "channel": channel,
        "label": _(adapter.label),
        "purpose": _(adapter.purpose),
        "is_proven": is_proven,
    }
    return show(request, "gateway_new.html", form=form, **context)


@open_to(Permission.MANAGE_SETUP)
def details(request: StaffRequest, ref: str) -> HttpResponse:
    """Show how a gateway is doing; give it another access, sender or name."""
    gateway = _found(request, ref)
    adapter = _adapter(gateway)
    form = None
    if adapter is not None:
        begins = {**initial(adapter.fields, _stored(gateway)), "sender": gateway.sender, "name": gateway.name}
        form = GatewayForm(
            request.POST or None, adapter=adapter, channel=gateway.channel, is_stored=True, initial=begins
        )
    if request.method == "POST" and form is not None and form.is_valid():
        access, sender = form.access(), form.cleaned_data["sender"]
        attempt(form, lambda: gateway_setup.change(request.actor, gateway, access, sender, **form.also()))
        if not form.errors:
            return done(request, _("“%(name)s” was saved.") % {"name": form.cleaned_data["name"]}, request.path)
    return _details(request, gateway, form=form)


@open_to(Permission.MANAGE_SETUP, only_post=True)
def try_out(request: StaffRequest, ref: str) -> HttpResponse:
    """Check a gateway now, with a test message if an address is given."""
    gateway = _found(request, ref)
    form = TestForm(request.POST, channel=gateway.channel, auto_id="test_%s")
    if form.is_valid():
        to = form.cleaned_data["to"]
        proven = attempt(form, lambda: gateway_setup.try_out(request.actor, gateway, to=to))
        if proven:
            sent = _("The test message was taken. See whether it arrives.")
            return done(request, sent if to else _("The access works."), reverse("manage-gateway", args=[ref]))
        if not form.errors:
            form.add_error("to", _("Only a test message shows whether this works. Say where to send it."))
    adapter = _adapter(gateway)
    kept: Any = None
    if adapter is not None:
        begins = {**initial(adapter.fields, _stored(gateway)), "sender": gateway.sender, "name": gateway.name}
        kept = GatewayForm(adapter=adapter, channel=gateway.channel, is_stored=True, initial=begins)
    return _details(request, gateway, form=kept, test=form, status=422)


@open_to(Permission.MANAGE_SETUP, only_post=True)
def put_first(request: StaffRequest, ref: str) -> HttpResponse:
    """Let a gateway be tried first."""
    gateway = _found(request, ref)
    gateway_setup.put_first(request.actor, gateway)
    return done(request, _("“%(name)s” is tried first from now on.") % {"name": gateway.name}, "manage-gateways")


@open_to(Permission.MANAGE_SETUP, only_post=True)
def switch(request: StaffRequest, ref: str) -> HttpResponse:
    """Use a gateway, or leave it alone for a while."""
    gateway = _found(request, ref)
    on = request.POST.get("do") == "on"
    gateway_setup.switch(request.actor, gateway, on=on)
    used, unused = _("“%(name)s” is used again."), _("“%(name)s” is left alone until you switch it on.")
    return done(request, (used if on else unused) % {"name": gateway.name}, reverse("manage-gateway", args=[ref]))


@open_to(Permission.MANAGE_SETUP)
def remove(request: StaffRequest, ref: str) -> HttpResponse:
    """Say what becomes of what is due, then forget a gateway."""
    gateway = _found(request, ref)

    def removed() -> str:
        gateway_setup.remove(request.actor, gateway)
        return _("“%(name)s” and its access were removed.") % {"name": gateway.name}

    return confirm(
        request,
        removed,
        title=_("Remove “%(name)s”?") % {"name": gateway.name},
        text=_what_follows(gateway),
        button=_("Remove it"),
        back=reverse("manage-gateway", args=[ref]),
        to=reverse("manage-gateways"),
    )


@open_to(Permission.MANAGE_SETUP)
def renew_address(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then let the gateway have another address to post back to."""
    gateway = _found(request, ref)

    def renewed() -> str:
        gateway_setup.renew_address(request.actor, gateway)
        return _("There is a new address, under “What comes back”. The former one is none any more.")

    return confirm(
        request,
        renewed,
        title=_("Make a new address for what comes back?"),
        text=_(
            "Do this when somebody may have read the present one. Nothing is taken there from then on: enter the new"
            " one wherever the present one stands."
        ),
        button=_("Make a new address"),
        back=reverse("manage-gateway", args=[ref]),
    )


CALLBACK_NOTES: dict[str, Any] = {
    "twilio": gettext_lazy(
        "Reports come by themselves. For answers, enter this address at Twilio: your number or messaging service,"
        " “A message comes in”, by HTTP POST."
    ),
    "acs": gettext_lazy(
        "In the Azure portal: your resource, Events, a subscription of type webhook to this address, for received texts"
        " and for delivery reports of texts and e-mail."
    ),
    "smtp": gettext_lazy(
        "Mail that cannot be delivered comes back to the sender's mailbox. Have its mail server hand each one on to"
        " this address, whole: who does not exist or complains is then left alone."
    ),
    "http": gettext_lazy("Your gateway posts signed JSON to this address, with this key."),
}
OF_A_PROVIDER = gettext_lazy(
    "Enter this address as a webhook at your provider, for delivery, bounces and complaints: who does not exist or does"
    " not want mail is then left alone."
)


def _details(request: StaffRequest, gateway: Gateway, **context: Any) -> HttpResponse:
    siblings = Gateway.objects.visible_to(request.actor).filter(business=gateway.business, channel=gateway.channel)
    state = next(one for one in gateway_state.states(siblings) if one.gateway.pk == gateway.pk)
    shown: dict[str, Any] = {
        "gateway": gateway,
        "state": state,
        "due": gateway_setup.due(gateway.business, gateway.channel),
        "callback": gateways.callback(gateway),
        "callback_key": gateways.hook_key(gateway) if gateway.kind == "http" else "",
        "callback_note": CALLBACK_NOTES.get(gateway.kind, OF_A_PROVIDER),
        "test": TestForm(channel=gateway.channel, auto_id="test_%s"),
        **context,
    }
    return show(request, "gateway.html", **shown)


def _what_follows(gateway: Gateway) -> str:
    due = gateway_setup.due(gateway.business, gateway.channel)
    others = Gateway.objects.filter(business=gateway.business, channel=gateway.channel, is_active=True)
    following = others.exclude(pk=gateway.pk).order_by("position", "pk").first()
    if following is not None:
        words = _("Messages that are still due (now: %(due)d) go out by “%(other)s”.")
        after = words % {"due": due, "other": following.name}
    else:
        now = _("Messages still due: %(due)d.") % {"due": due} if due else ""
        after = f"{now} {gateway_state.otherwise(gateway.channel)[0]}".strip()
    forgotten = _("Its access is deleted for good, and reports on what it sent are not taken any more.")
    return f"{after} {forgotten}"


def _kinds(channel: str) -> list[str]:
    if channel not in (Channel.EMAIL, Channel.SMS):
        raise Http404
    return list(gateways.paths(channel))


def _found(request: StaffRequest, ref: str) -> Gateway:
    gateway: Gateway = find(request, Gateway.objects.select_related("business"), ref=ref)
    return gateway


def _adapter(gateway: Gateway) -> type[Adapter] | None:
    known = gateway.kind in gateways.paths(gateway.channel)
    return gateways.adapter(gateway.channel, gateway.kind) if known else None


def _stored(gateway: Gateway) -> dict[str, str]:
    try:
        return gateways.access_of(gateway)
    except NotConnected:
        return {}
