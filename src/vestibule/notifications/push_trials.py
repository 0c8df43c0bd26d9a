"""A notification to one of one's own browsers, sent at once, to see whether it comes."""

from django.utils.translation import gettext as _

from vestibule.notifications import browsers, pushing
from vestibule.notifications.models import PushSubscription
from vestibule.notifications.ports import DeliveryError, Gone
from vestibule.people import rates
from vestibule.people.errors import Refusal
from vestibule.people.permissions import Actor
from vestibule.people.waiting_outside import waiting_outside
from vestibule.store import clock
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing

TESTS, WITHIN_SECONDS = 6, 600


class NotTold(Refusal):
    """A notification did not leave for a browser; the sentence says what came of it."""

    code = "browser_not_told"


def send(actor: Actor, ref: str) -> PushSubscription:
    """Have a browser of the actor show a test notification; waits for its push service, for 10 seconds at most.

    A browser its push service knows no more is removed. Raises NotFound for one that is not theirs, NotTold with what
    came of it, TooMany.
    """
    browser = browsers.own(actor, ref)
    rates.limit("push-test", str(actor.user_id), TESTS, WITHIN_SECONDS)
    carrier, address = browsers.gateway(), browsers.address_of(browser)
    if carrier is None or address is None:
        raise NotTold(
            _("Nobody is signed in in that browser any more, so nothing was sent. Sign in there and open the desk.")
        )
    push = pushing.trial(new_ref(), address, browser.business.name, browser.user.language)
    try:
        with waiting_outside(f"user:{actor.user_id}"):
            carrier.send(push)
    except Gone:
        browsers.forget(actor, browser)
        raise NotTold(
            _("Its push service does not know that browser any more, so it was removed. Turn it on there again.")
        ) from None
    except DeliveryError as refused:
        words = _("The test did not leave: %(why)s. Try again in a minute, or turn that browser off and on again.")
        raise NotTold(words % {"why": str(refused)}) from None
    with writing():
        PushSubscription.objects.filter(pk=browser.pk).update(last_taken_at=clock.now())
    return browser
