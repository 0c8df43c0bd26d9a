"""What is said beside a telephone number about text messages: a sentence, or the box to tick where a business asks."""

from dataclasses import dataclass

from vestibule.booking.models import Service
from vestibule.notifications import choices, consent


@dataclass(frozen=True)
class TextsAsked:
    """A sentence that tells, or a `question` to be ticked; neither where the business sends no text messages."""

    notice: str = ""
    question: str = ""

    def answer(self, *, ticked: bool) -> tuple[bool | None, str]:
        """Return what was agreed to, and by which words. None: nothing was said, so nothing was agreed to."""
        if self.question:
            return ticked, self.question if ticked else ""
        return (True, self.notice) if self.notice else (None, "")


def texts_asked(service: Service) -> TextsAsked:
    """Return what a consumer who books or waits for `service` reads beside their number."""
    business = service.business
    chosen = choices.of(business)
    if not chosen.sends_texts(service_ref=service.ref):
        return TextsAsked()
    if chosen.rules.asks_for_consent:
        return TextsAsked(question=consent.sms_wording(business))
    return TextsAsked(notice=consent.sms_notice())
