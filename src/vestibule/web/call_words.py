"""Texts of the live pages, by the keys that `frontend/elements/words.ts` gives them, for translation.

The script shows English by itself; a page brings only what differs. A test keeps both lists the same. Braces are
filled in by the script and stay as they are.
"""

import zlib
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from vestibule.web import door_words, elsewhere_host_words, elsewhere_words, outside_words, stage_words

WORDS = {
    # The device check
    "check.why": _(
        "Turn on your camera and microphone so that you can see and hear each other. Nothing is sent or "
        "recorded before you join."
    ),
    "check.start": _("Turn on camera and microphone"),
    "check.starting": _("Waiting for your browser…"),
    "check.allow": _("Your browser asks whether this page may use them. Choose “Allow”."),
    "check.picture": _("Your picture, as others will see you"),
    "check.camera_off": _("Your camera is off"),
    "check.no_camera": _("No picture: you join with sound only"),
    "check.no_microphone": _("No microphone: others will not hear you."),
    "check.microphone": _("Microphone"),
    "check.camera": _("Camera"),
    "check.speaker": _("Loudspeaker"),
    "check.choose": _("Change camera, microphone or loudspeaker"),
    "check.level": _("Microphone level"),
    "check.speak": _("Say something: the bar should move."),
    "check.heard": _("We can hear you."),
    "check.silent": _(
        "We cannot hear you. Is the microphone muted on the device or in its settings, or is another one needed?"
    ),
    "check.muted": _("Your microphone is muted."),
    "check.test_sound": _("Play a test sound"),
    "check.playing": _("Playing…"),
    "check.sound_failed": _("The sound could not be played. Check the volume and the loudspeaker."),
    "check.default_device": _("Device {number}"),
    "check.name": _("Your name"),
    "check.name_hint": _("Shown to the person you meet."),
    "check.name_missing": _("Write your name, so that they know who is coming."),
    "check.join": _("Join"),
    "check.join_waiting": _("Go to the waiting room"),
    "check.join_without": _("Join without camera and microphone"),
    "check.again": _("Try again"),
    "check.joining": _("Joining…"),
    "check.lost_microphone": _("Your microphone was disconnected. Plug it in again, or choose another one below."),
    "check.lost_camera": _("Your camera was disconnected. Plug it in again, or choose another one below."),
    "check.camera_saved": _("Your camera is off at first, because your connection is slow. You can turn it on."),
    # What is wrong with a device, and what to do
    "problem.denied.title": _("The browser does not let this page use your camera or microphone"),
    "problem.dismissed.title": _("Your browser's question was closed"),
    "problem.dismissed.text": _("Press “Try again”, and choose “Allow” when your browser asks."),
    "problem.system.title": _("Your device does not let this browser use the camera or microphone"),
    "problem.none.title": _("No camera or microphone was found"),
    "problem.none.text": _(
        "Plug one in, or switch it on, and try again. You can also join without and write messages."
    ),
    "problem.in-use.title": _("The camera or microphone cannot be opened"),
    "problem.in-use.text": _(
        "Another program or tab may be using it. Close that one, or restart the browser, and try again."
    ),
    "problem.overconstrained.title": _("The device you used last time is not there"),
    "problem.overconstrained.text": _("Choose another one below, or try again."),
    "problem.aborted.title": _("Your device stopped answering"),
    "problem.aborted.text": _("Unplug it and plug it in again, or restart the browser, and try again."),
    "problem.insecure.title": _("This address is not secure"),
    "problem.insecure.text": _(
        "Browsers allow a camera only on addresses that begin with https. Open the link from your message again."
    ),
    "problem.unknown.title": _("The camera or microphone could not be started"),
    "problem.unknown.text": _("Try again, or reload the page. You can also join without and write messages."),
    "problem.only_microphone": _(
        "Your microphone works. Your camera could not be opened, so you join with sound only."
    ),
    "problem.only_camera": _(
        "Your camera works. Your microphone could not be opened: others will see but not hear you."
    ),
    "steps.chrome": _("Click the icon to the left of the address, switch on Camera and Microphone, then try again."),
    "steps.edge": _("Click the lock to the left of the address, set Camera and Microphone to Allow, then try again."),
    "steps.firefox": _("Click the crossed-out camera to the left of the address, remove “Blocked”, then try again."),
    "steps.safari": _(
        "In the menu choose Safari, Settings for This Website, set Camera and Microphone to Allow, then try again."
    ),
    "steps.ios": _(
        "Tap the page settings beside the address, then Website Settings, and set Camera and Microphone to "
        "Allow. If that is not offered: Settings, Apps, your browser."
    ),
    "steps.android": _("Tap the icon to the left of the address, then Permissions, and allow Camera and Microphone."),
    "steps.ios_app": _(
        "Open the Settings of this phone or tablet, choose Apps and then this browser, switch on Camera and "
        "Microphone, come back and try again."
    ),
    "steps.android_firefox": _(
        "Tap the lock beside the address, tap “Blocked” beside Camera and Microphone to allow them, then try again."
    ),
    "steps.other": _("Allow Camera and Microphone for this page in your browser's settings, then try again."),
    "system.windows": _(
        "Open Settings, Privacy & security, Camera, and let desktop apps use it. Do the same under "
        "Microphone. Then try again."
    ),
    "system.mac": _(
        "Open System Settings, Privacy & Security, Camera, and switch this browser on. Do the same under "
        "Microphone. Then restart the browser."
    ),
    "system.ios": _(
        "Open Settings, Apps, this browser, and switch on Camera and Microphone. Then come back and try again."
    ),
    "system.android": _(
        "Open Settings, Apps, this browser, Permissions, and allow Camera and Microphone. Check the camera "
        "and microphone switches in the quick settings, too."
    ),
    "system.other": _(
        "Look into your device's privacy settings, and for a switch or key that turns camera or microphone "
        "off. Then try again."
    ),
    "line_check.name": _("Connection"),
    "line_check.start": _("Try it"),
    "waiting.your_turn": _("It is your turn"),
    # The call
    "call.title": _("Call"),
    "call.title_tab": _("In the call"),
    "call.alone": _("You are in. {provider} has not joined yet."),
    "call.alone_staff": _("Nobody else has joined yet."),
    "call.connecting": _("Connecting to {name}…"),
    "call.camera_off": _("{name}'s camera is off"),
    "call.picture_saved": _("The connection is weak: the picture is paused so that you hear each other."),
    "call.muted": _("muted"),
    "call.you": _("You"),
    "call.self": _("Your own picture"),
    "call.picture_of": _("Picture of {name}"),
    "call.screen_of": _("Screen of {name}"),
    "call.sharing_self": _("You are sharing your screen."),
    "call.people": _("People in the call"),
    "call.joined": _("{name} joined."),
    "call.left": _("{name} left."),
    "call.knocks": _("{name} is in the waiting room."),
    "call.shares": _("{name} shares a screen."),
    "call.reconnecting_other": _("{name}'s connection dropped. Their place is kept."),
    "control.bar": _("Call controls"),
    "control.mute": _("Mute"),
    "control.unmute": _("Unmute"),
    "control.camera_off": _("Camera off"),
    "control.camera_on": _("Camera on"),
    "control.share": _("Share"),
    "control.share_stop": _("Stop sharing"),
    "control.chat": _("Messages"),
    "control.chat_unread": _("Messages, {count} unread"),
    "control.leave": _("Leave"),
    "control.end": _("End visit"),
    "control.end_title": _("End the visit for everyone?"),
    "control.end_text": _("The call closes for everyone, and nobody can join it again."),
    "control.end_yes": _("End visit"),
    "control.cancel": _("Go back"),
    "control.close": _("Close"),
    "control.lost_microphone": _("Your microphone was disconnected. Choose another one under Devices."),
    "control.lost_camera": _("Your camera was disconnected. Choose another one under Devices."),
    "control.share_failed": _("The screen could not be shared."),
    "control.device_failed": _("That device could not be opened."),
    # Trouble
    "line.unstable": _("Connection unstable"),
    "line.reconnecting": _("Reconnecting… {seconds} s"),
    "line.reconnecting_short": _("Reconnecting"),
    "line.failed": _("The connection could not be made. Your network may block it."),
    "line.socket": _("Reconnecting to the waiting room…"),
    "line.back": _("Connected again"),
    "line.by_phone": _("Go on by telephone"),
    "line.phone": _("Call {phone}"),
    "line.tap": _("Tap to hear"),
    "line.tap_why": _("Your browser waits for a tap before it plays sound."),
    "quality.0": _("No connection"),
    "quality.1": _("Bad connection"),
    "quality.2": _("Weak connection"),
    "quality.3": _("Good connection"),
    "quality.4": _("Very good connection"),
    "quality.tip.loss": _("Parts of the sound get lost. Moving closer to the Wi-Fi helps."),
    "quality.tip.delay": _("Sound arrives late. Other programs may be using the network."),
    "quality.tip.freezes": _("The picture stutters."),
    "quality.tip.cpu": _("The computer is busy. Closing other programs helps."),
    "quality.tip.bandwidth": _("The network is slow."),
    "quality.tip.silence": _("Nothing arrives at the moment."),
    "quality.tip.audio-only": _("Pictures are paused so that you hear each other."),
    "code.label": _("Encrypted end to end"),
    "code.text": _("Read these digits to each other. If both see the same, nobody listens in."),
    "code.pending": _("Checking…"),
    # Messages
    "chat.title": _("Messages"),
    "chat.write": _("Write a message"),
    "chat.send": _("Send"),
    "chat.empty": _("No messages yet."),
    "chat.earlier": _("Show earlier messages"),
    "chat.typing": _("{name} is writing…"),
    "chat.typing_many": _("Several people are writing…"),
    "chat.programs": _("Also in this conversation, from another app: {names}"),
    "chat.program_unnamed": _("someone who gave no name"),
    "chat.sending": _("Sending…"),
    "chat.failed": _("Not sent. Try again"),
    "chat.too_long": _("Too long: at most {limit} characters."),
    "chat.waiting_first": _("You can write as soon as they have written to you."),
    "chat.you": _("You"),
    "chat.new": _("New message from {name}"),
    "chat.edit": _("Edit"),
    "chat.delete": _("Delete"),
    "chat.delete_really": _("Delete it for everyone?"),
    "chat.keep": _("Keep"),
    "chat.more": _("More for: {text}"),
    "chat.edited": _("edited"),
    "chat.deleted": _("This message was deleted."),
    "chat.editing": _("Change your message"),
    "chat.save": _("Save"),
    "chat.seen": _("Seen"),
    "chat.fresh": _("New messages"),
    "chat.closed": _("This conversation is closed."),
    "chat.refused": _("That did not work. Try again."),
    "file.attach": _("Send a file"),
    "file.photo": _("Take a photo"),
    "file.drop": _("Drop files here to send them"),
    "file.uploads": _("Files being sent"),
    "file.sending": _("Sending… {percent} %"),
    "file.offline": _("No network. It goes on by itself."),
    "file.progress": _("Progress of {name}"),
    "file.cancel": _("Do not send {name}"),
    "file.forget": _("Forget {name}"),
    "file.too_large": _("{name} is larger than {most}, so it was not sent."),
    "file.failed": _("This file could not be sent."),
    "file.open": _("Look at {name}"),
    "file.picture": _("Picture {name}"),
    "file.save": _("Save"),
    "file.checking": _("Being checked…"),
    "file.not_scanned": _("not scanned for viruses"),
    "file.infected": _("Held back: a scanner found something harmful in it. Nobody gets it."),
    "file.not_a_picture": _("Not shown: this picture is damaged."),
    "file.too_many_pixels": _("Not shown: this picture has too many pixels."),
    "file.not_checked": _("Not delivered: it could not be checked."),
    # Afterwards
    "ended.left": _("You left the call"),
    "ended.left_text": _("You can come back while the visit is open."),
    "ended.rejoin": _("Join again"),
    "ended.ended": _("The visit is over"),
    "ended.ended_text": _("Thank you. You can close this page."),
    "ended.denied": _("You were not let in"),
    "ended.denied_text": _("Please contact the business if you think this is a mistake."),
    "ended.removed": _("You were taken out of the visit"),
    "ended.removed_text": _("Please contact the business if you think this is a mistake."),
    "ended.taken_over": _("The visit is open in another tab or device"),
    "ended.taken_over_text": _("Go on there, or take it back to this one."),
    "ended.take_back": _("Use this one"),
    "ended.cancelled": _("The appointment was cancelled"),
    "ended.cancelled_text": _("Nothing else happens here."),
    "ended.moved": _("The appointment has a new time"),
    "ended.moved_text": _("Reload the page to see when."),
    "ended.not_authorised": _("This page is no longer signed in"),
    "ended.not_authorised_text": _("Open the link from your message again."),
    "ended.left_waiting": _("You left the waiting room"),
    "ended.left_waiting_text": _("You can come back until the appointment is over."),
    "ended.failed": _("Something went wrong"),
    "ended.failed_text": _("Reload the page to try again."),
    "ended.reload": _("Reload"),
    "ended.finish": _("I am finished"),
    # The desk
    "desk.admit": _("Let in"),
    "status.requested": _("Waiting for approval"),
    "status.booked": _("Booked"),
    "status.arrived": _("Arrived"),
    "status.waiting": _("Waiting"),
    "status.in_visit": _("In the visit"),
    "status.completed": _("Completed"),
    "status.no_show": _("Did not come"),
    "status.not_seen": _("Left before being seen"),
    "status.left": _("Left"),
    "status.cancelled": _("Cancelled"),
}


FIRST = ("check.", "line_check.", "control.mute", "control.unmute", "control.camera_")
"""Keys of what is said before anybody joined. The page of a visit brings these alone and fetches the others then."""


def translated() -> dict[str, str]:
    """Return the texts of the language now active, without those that are as in English."""
    known = {
        **WORDS,
        **door_words.WORDS,
        **stage_words.WORDS,
        **elsewhere_words.WORDS,
        **elsewhere_host_words.WORDS,
        **outside_words.WORDS,
    }
    words = {key: gettext(text) for key, text in known.items()}
    return {key: text for key, text in words.items() if text != known[key]}


def first() -> dict[str, str]:
    """Return those of `translated` that are needed before anybody joined."""
    return {key: text for key, text in translated().items() if key.startswith(FIRST)}


def rest() -> dict[str, str]:
    """Return the others."""
    return {key: text for key, text in translated().items() if not key.startswith(FIRST)}


@cache
def rest_url(language: str) -> str:
    """Return where the rest is fetched in a language, by its content; empty where there is none.

    The language is the one now active: it is given so that the answer can be kept.
    """
    words = rest()
    return f"/words/{language}.json?v={zlib.crc32(repr(words).encode()):08x}" if words else ""
