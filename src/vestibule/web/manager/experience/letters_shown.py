"""The messages of a scene as they would be sent, or why none is: what the preview shows of mail and text messages."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.experience.preview import Scene
from vestibule.notifications import choices, content, reminders
from vestibule.notifications.choices import SMS
from vestibule.notifications.models import OutboxMessage
from vestibule.store import clock


@dataclass(frozen=True)
class Missing:
    """Why there is no message to be shown, and where that is changed: `href` is the page, `action` its link's words."""

    title: str
    text: str
    href: str
    action: str


def mail(scene: Scene) -> str:
    """Return the document of the first mail to the consumer, as it will be when it leaves; "" where none is sent."""
    found = _first(scene, OutboxMessage.Channel.EMAIL)
    if found is None:
        return ""
    with clock.standing_at(max(found.due_at, clock.now())):
        now = clock.now()
        return content.mail(found, content.tokens_for([found], now), now).html


def text_message(scene: Scene) -> str:
    """Return the first text message to the consumer, as it will be when it leaves; "" where none is sent."""
    found = _first(scene, OutboxMessage.Channel.SMS)
    if found is None:
        return ""
    with clock.standing_at(max(found.due_at, clock.now())):
        now = clock.now()
        return content.sms(found, content.tokens_for([found], now), now).body


def no_mail() -> Missing:
    """Say why no mail is shown."""
    return Missing(
        _("No e-mail is sent"),
        _("The confirmation is switched off for e-mail, and no reminder goes by e-mail. Both are chosen elsewhere."),
        reverse("manage-sending"),
        _("What is sent"),
    )


def no_text_message(scene: Scene) -> Missing:
    """Say why no text message is shown, and where one would be chosen."""
    assert scene.service is not None, "something was booked"
    name, ref = scene.service.name, scene.service.ref
    if any(one.channel == SMS and choices.C in one.audiences for one in choices.of(scene.business).reminders(ref)):
        words = _("The reminder is due before any time that can be booked by the rules of %(name)s.") % {"name": name}
        return Missing(_("No text message is sent in time"), words, *_reminders())
    if reminders.of(scene.business, ref):
        words = _("%(name)s has reminders of its own, and none of them is a text message.") % {"name": name}
        own = reverse("manage-service-sending", args=[scene.service.slug])
        return Missing(_("No text message is sent"), words, own, _("Messages of %(name)s") % {"name": name})
    words = _("No reminder goes by text message, and the confirmation goes by e-mail alone. Choose it for a reminder.")
    return Missing(_("No text message is sent"), words, *_reminders())


def _reminders() -> tuple[str, str]:
    return reverse("manage-experience-step", args=["reminders"]), _("Reminders")


def _first(scene: Scene, channel: str) -> OutboxMessage | None:
    assert scene.appointment is not None, "somebody booked"
    rows = OutboxMessage.objects.filter(subject_ref=scene.appointment.ref, channel=channel, facts__audience="consumer")
    found: OutboxMessage | None = rows.order_by("due_at", "pk").first()
    return found
