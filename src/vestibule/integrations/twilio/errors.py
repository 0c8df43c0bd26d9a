"""What Twilio's error codes mean for a message that was not taken: https://www.twilio.com/docs/api/errors."""

from vestibule.integrations.outward import Answer, refused, wait_of
from vestibule.notifications.ports import DeliveryError

WHO = "Twilio"
OF_RECIPIENT = {
    21211: "the number is none that exists",
    21214: "the number cannot be reached",
    21217: "the number is none that exists",
    21265: "the number cannot be a short code",
    21604: "the number is missing",
    21610: "the recipient said stop to this sender",
    21614: "the number cannot take text messages",
    21635: "the number is a landline",
}
OF_MESSAGE = {21602: "the text is empty", 21605: "the text is too long", 21617: "the text is too long"}
NOT_BY_THIS = {
    21219: "a trial account sends to verified numbers only",
    21408: "the account may not send to this country",
    21608: "a trial account sends to verified numbers only",
    21612: "this sender does not reach the number",
    21703: "the messaging service has no sender for this number",
}
"""For good with this account, yet another gateway may carry the message."""
OF_ACCOUNT = {
    10001: "the account is not active",
    20003: "the account or its token is not accepted",
    20005: "the account is not active",
    20006: "the account may not do this",
    20008: "test credentials send nothing",
    20404: "the account or its messaging service does not exist",
    21212: "the sender is none that exists",
    21603: "the sender is missing",
    21606: "the sender is no number of this account that sends texts",
    21659: "the sender is no number of Twilio",
    21660: "the sender belongs to another account",
    21661: "the sender cannot send texts",
    21701: "the messaging service does not exist",
    21704: "the messaging service has no sender",
    21705: "the messaging service does not exist",
    21910: "the sender does not fit the number",
    30002: "the account is suspended",
    30032: "the sender's number is not verified yet",
    30034: "the sender's number is not registered for this country",
    63038: "the account's limit for today is reached",
}
BUSY = {14107: "too much at once", 20429: "too much at once", 21611: "the sender's queue is full", 30001: "queue full"}


def error_of(answer: Answer) -> DeliveryError:
    """Return what is raised for an answer that is no success."""
    code = answer.json().get("code")
    if not isinstance(code, int):
        return refused(WHO, answer)
    if code in OF_RECIPIENT or code in OF_MESSAGE:
        return DeliveryError(_words(code, OF_RECIPIENT | OF_MESSAGE), permanent=True)
    if code in NOT_BY_THIS:
        return DeliveryError(_words(code, NOT_BY_THIS), permanent=True, of_gateway=True)
    if code in OF_ACCOUNT:
        return DeliveryError(_words(code, OF_ACCOUNT), permanent=False, of_gateway=True)
    if code in BUSY:
        wait = wait_of(answer.headers)
        return DeliveryError(_words(code, BUSY), permanent=False, of_gateway=True, wait=wait)
    return refused(WHO, answer, code=f"error {code}")


def _words(code: int, known: dict[int, str]) -> str:
    return f"{WHO}: {known[code]} (error {code})"
