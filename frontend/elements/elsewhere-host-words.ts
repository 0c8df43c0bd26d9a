/**
 * The texts of staff for a visit that is held elsewhere, in English. `src/vestibule/web/elsewhere_host_words.py` mirrors
 * this flat list with gettext; a test keeps both equal.
 */
export const ELSEWHERE_HOST_ENGLISH = {
  "elsewhere.staff_ready": "This visit takes place in Microsoft Teams",
  "elsewhere.staff_ready_text": "Whoever you let in gets the way to Teams on their page.",
  "elsewhere.staff_making": "The meeting in Teams is being made",
  "elsewhere.staff_making_text": "This takes a minute at most. You can let people in meanwhile: they see that it is being opened.",
  "elsewhere.staff_late": "The meeting in Teams is not there yet",
  "elsewhere.staff_failed": "The meeting in Teams could not be made",
  "elsewhere.staff_failed_text": "Try again, or meet here: then the visit goes on in a call on this page.",
  "elsewhere.join": "Join in Teams",
  "elsewhere.again": "Try again",
  "elsewhere.again_done": "It is being tried again.",
  "elsewhere.meet_here": "Meet here instead",
  "elsewhere.meet_here_why": "Trouble with Teams?",
  "elsewhere.who": "Who comes",
  "elsewhere.nobody": "Nobody has come yet.",
  "elsewhere.is_waiting": "Waiting",
  "elsewhere.is_in": "Let in",
  "elsewhere.is_away": "Not on the page now",
  "elsewhere.has_left": "Finished",
  "elsewhere.end_text": "Everybody's page says that the visit is over. Leave the meeting in Teams yourself.",
  "elsewhere.messages_note_staff": "Read on our pages by whoever was let in. This is not the chat in Teams.",
} as const;

export type ElsewhereHostKey = keyof typeof ELSEWHERE_HOST_ENGLISH;
