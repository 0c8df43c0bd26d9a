"""Texts of the live pages, by the keys that `frontend/elements/words.ts` gives them, for translation.

The script shows English by itself; a page brings only what differs. A test keeps both lists the same. Braces are
filled in by the script and stay as they are.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from vestibule.web import stage_words

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
        "Tap the lock beside the address, tap “Blocked” beside Camera and Microphone to allow them, then try "
        "again."
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
        "Open Settings, Apps, this browser, and switch on Camera and Microphone. Then come back and try "
        "again."
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
    "line_check.running": _("Trying your connection…"),
    "line_check.video": _("Your connection is good for video."),
    "line_check.audio": _("Your connection is good for sound, but slow for pictures. Your camera stays off at first."),
    "line_check.phone": _(
        "Your connection is too slow for a good call. Moving closer to the Wi-Fi helps, and so does a call "
        "by telephone."
    ),
    "line_check.unknown": _("Your connection could not be measured. You can join all the same."),
    "line_check.blocked": _(
        "Your network blocks calls. Use another one, such as that of your phone, or meet by telephone."
    ),
    "line_check.relay": _("Calls take a detour here, which works."),
    "line_check.telephone": _("Call {phone}."),
    "record.ready": _("Hear yourself as others will. Nothing leaves your browser."),
    "record.recording": _("Say something: recording for {seconds} seconds…"),
    "record.playing": _("This is how you sound…"),
    "record.done": _("Was that clear? Otherwise try another microphone."),
    "record.failed": _("That could not be recorded here. The bar above tells whether you are heard."),
    "record.start": _("Record and listen"),
    "record.again": _("Once more"),
    "found.cam_ok": _("Your camera works."),
    "found.cam_open": _("Your camera is off."),
    "found.cam_problem": _("Your camera could not be opened: you would join with sound only."),
    "found.mic_ok": _("Your microphone is heard."),
    "found.mic_silent": _("Nothing is heard from your microphone."),
    "found.mic_problem": _("Your microphone could not be opened: others would not hear you."),
    "found.speaker_ok": _("Your loudspeaker plays."),
    "found.speaker_open": _("Play the test sound to be sure that you hear the others."),
    "found.speaker_problem": _("Your loudspeaker did not play."),
    "found.line_blocked": _("Your network blocks calls: use another one, such as that of your phone."),
    "standing.ready": _("You are ready"),
    "standing.ready_text": _("Everything works on this device. Use the same one, in the same place, for your visit."),
    "standing.almost": _("You can join as it is"),
    "standing.almost_text": _("The visit will work. This would make it better:"),
    "standing.not_yet": _("Something needs your attention first"),
    "standing.not_yet_text": _("Follow the steps above and try again, or use another device."),
    # Waiting
    "waiting.title": _("You are in the waiting room"),
    "waiting.provider_away": _("{provider} is not here yet. Keep this page open; it tells you when they come."),
    "waiting.provider_ready": _("{provider} knows that you are here."),
    "waiting.provider_in_visit": _("{provider} is with somebody else and sees you in your turn."),
    "waiting.provider_here": _("{provider} is here and will let you in."),
    "waiting.team": _("The team"),
    "waiting.place": _("Your place"),
    "waiting.next": _("You are next"),
    "waiting.expected": _("Expected wait"),
    "waiting.minutes": _("about {minutes} min"),
    "waiting.since": _("Waiting since"),
    "waiting.messages": _("Messages"),
    "waiting.leave": _("Leave the waiting room"),
    "waiting.devices": _("Check camera and microphone again"),
    "waiting.phone": _("Rather by telephone? Call {phone}."),
    "waiting.keep": _("You can reload this page or lock your phone: your place is kept while you come back soon."),
    "waiting.admitted": _("You are being let in…"),
    "waiting.title_tab": _("Waiting"),
    "waiting.your_turn": _("It is your turn"),
    "waiting.title_hold": _("You are on hold"),
    "waiting.hold": _(
        "The staff have set you aside for a moment. You need not do anything: they take you back from here."
    ),
    "waiting.provider_none": _("The team knows that you are here. Whoever is free first sees you."),
    "waiting.away_words": _("{provider} is away: {words}. Your place is kept."),
    "waiting.dial_in": _("Or join by telephone: {phone}."),
    "waiting.dial_in_code": _("Or join by telephone: {phone}, code {code}."),
    "waiting.tab_hold": _("On hold"),
    "waiting.tab_place": _("Place {place}"),
    "identity.title": _("Please say who you are"),
    "identity.why": _("{business} asks for this before somebody lets you in. Only staff see it."),
    "identity.field_name": _("Full name"),
    "identity.field_birth_date": _("Date of birth"),
    "identity.field_phone": _("Telephone number"),
    "identity.field_postcode": _("Postcode"),
    "identity.field_reference": _("Your number with us, or reference"),
    "identity.send": _("Send"),
    "identity.missing": _("Something is missing here. Fill it in."),
    "identity.given": _("Thank you. The staff have what they asked for."),
    "identity.locked_title": _("We could not recognise you"),
    "identity.locked": _(
        "The date of birth was not the one we know, five times, so it cannot be tried again here. Nobody is "
        "cross: the staff have been told and can let you in. Keep this page open, or call."
    ),
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
    "file.infected": _("Held back: a scanner found something harmful in it."),
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
    "status.cancelled": _("Cancelled"),
}


def translated() -> dict[str, str]:
    """Return the texts of the language now active, without those that are as in English."""
    known = {**WORDS, **stage_words.WORDS}
    words = {key: gettext(text) for key, text in known.items()}
    return {key: text for key, text in words.items() if text != known[key]}
