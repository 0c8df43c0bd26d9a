"""Texts of the waiting room and of the check before it, by the keys of `frontend/elements/door-words.ts`, to translate.

A test keeps both lists the same. Braces are filled in by the script and stay as they are.
"""

from django.utils.translation import gettext_noop as _

WORDS = {
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
    "listen.ready": _("Hear yourself as others will. Nothing leaves your browser."),
    "listen.recording": _("Say something: recording for {seconds} seconds…"),
    "listen.playing": _("This is how you sound…"),
    "listen.done": _("Was that clear? Otherwise try another microphone."),
    "listen.failed": _("That could not be recorded here. The bar above tells whether you are heard."),
    "listen.start": _("Record and listen"),
    "listen.again": _("Once more"),
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
    "standing.ready_text": _("Camera, microphone and connection work. Use this device, in this place, for your visit."),
    "standing.almost": _("You can join as it is"),
    "standing.almost_text": _("The visit will work. This would make it better:"),
    "standing.not_yet": _("Something needs your attention first"),
    "standing.not_yet_text": _("Follow the steps above and try again, or use another device."),
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
    "waiting.messages": _("Write to the team"),
    "waiting.leave": _("Leave the waiting room"),
    "waiting.devices": _("Check camera and microphone"),
    "waiting.phone": _("Need help? Call {phone}."),
    "waiting.keep": _("You can reload this page or lock your phone: your place is kept if you come back soon."),
    "waiting.admitted": _("You are being let in…"),
    "waiting.title_tab": _("Waiting"),
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
    "identity.given": _("Thank you. The team has what it asked for."),
    "identity.locked_title": _("We could not recognise you"),
    "identity.locked": _(
        "The date of birth was not the one we know, five times, so it cannot be tried again here. Nobody is "
        "cross: the staff have been told and can let you in. Keep this page open."
    ),
}
