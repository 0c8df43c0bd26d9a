/**
 * The texts of a call that Microsoft carries on our page, in English. They come with that part of the stage, which few
 * load. `src/vestibule/web/outside_words.py` mirrors this flat list with gettext; a test keeps both equal.
 */
export const OUTSIDE_ENGLISH = {
  "outside.joining": "Joining the meeting at Microsoft…",
  "outside.lobby": "Waiting to be let in by Teams",
  "outside.lobby_text": "You are at the door of the meeting. Somebody inside lets you in: keep this page open, you need not do anything.",
  "outside.carried": "Carried by Microsoft, not end-to-end encrypted",
  "outside.recording": "Recorded in the meeting",
  "outside.recording_on": "This meeting is being recorded by whoever holds it. The recording is kept at Microsoft.",
  "outside.recording_off": "The recording of the meeting has ended.",
  "outside.transcription": "Written down in the meeting",
  "outside.transcription_on": "What is said is being written down by whoever holds the meeting. It is kept at Microsoft.",
  "outside.transcription_off": "What is said is no longer written down.",
  "outside.captions_show": "Captions of the meeting",
  "outside.captions_hide": "No captions of the meeting",
  "outside.captions_failed": "The meeting gives no captions now.",
  "outside.people": "In the meeting",
  // How it ended
  "outside.ended.over": "The meeting is over",
  "outside.ended.over_text": "Whoever held it has ended it. If that was too early, you can join again while the visit is open.",
  "outside.ended.denied": "You were not let in",
  "outside.ended.denied_text": "Nobody in the meeting let you in. You can try again, or ask the business.",
  "outside.ended.removed": "You were taken out of the meeting",
  "outside.ended.removed_text": "Please contact the business if you think this is a mistake.",
  "outside.ended.gone": "This meeting is not there",
  "outside.ended.gone_text": "It was moved or taken away at Microsoft. Try again in a minute, or ask the business.",
  "outside.ended.refused": "Microsoft does not let you in",
  "outside.ended.refused_text": "The way in has run out, or the settings of the meeting keep visitors out. Try again, or ask the business.",
  "outside.ended.network": "Microsoft cannot be reached from here",
  "outside.ended.network_text": "Your connection, or a wall of the network you are in, keeps this page from Microsoft’s servers. Try again, or another network.",
  "outside.ended.failed": "Joining the meeting did not work",
  "outside.ended.failed_text": "Something went wrong at Microsoft’s side or in this browser. Try again, or another browser.",
  "outside.ended.unloaded": "The call could not be loaded",
  "outside.ended.unloaded_text": "The part of this page that joins the meeting did not come. Load the page again; if that does not help, tell the business.",
  "outside.again": "Try again",
  "outside.elsewhere": "Go on in Teams on the web",
  "outside.new_tab": "opens a new tab",
  "outside.cause": "For support: {cause}",
  "outside.finish": "I am finished",
} as const;

export type OutsideKey = keyof typeof OUTSIDE_ENGLISH;
