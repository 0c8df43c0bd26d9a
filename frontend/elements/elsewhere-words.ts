/**
 * The texts of a visit that is held elsewhere, as in Microsoft Teams, in English. They come with that page's part, which
 * few load. `src/vestibule/web/elsewhere_words.py` mirrors this flat list with gettext; a test keeps both equal.
 */
export const ELSEWHERE_ENGLISH = {
  // Whoever was let in
  "elsewhere.ready": "{provider} is ready for you",
  "elsewhere.ready_text": "Your visit takes place in Microsoft Teams. It opens in a new tab; you need neither an account nor a program.",
  "elsewhere.open": "Open Teams in the browser",
  "elsewhere.new_tab": "opens a new tab",
  "elsewhere.lobby": "Teams may ask you to wait there for a moment. {provider} lets you in.",
  "elsewhere.opened": "Your visit is in Microsoft Teams",
  "elsewhere.opened_text": "Look for the other tab. Come back to this page when you are finished there, or when something does not work.",
  "elsewhere.open_again": "Open Teams again",
  "elsewhere.making_text": "The meeting in Microsoft Teams is being opened. The way in appears here within a minute or two: keep this page open.",
  "elsewhere.failed": "One moment, please",
  "elsewhere.failed_text": "The meeting in Microsoft Teams cannot be opened yet. You need not do anything: {provider} sees this too, and your place is kept. This page tells you how it goes on.",
  "elsewhere.number": "Meeting ID",
  "elsewhere.passcode": "Passcode",
  "elsewhere.by_number": "Join with a meeting ID instead",
  "elsewhere.by_number_text": "In Teams choose “Join with an ID”, then type these:",
  "elsewhere.finished": "I am finished",
  "elsewhere.give_up": "I cannot wait any longer",
  "elsewhere.title_tab": "In Teams",
  // The conversation beside it
  "elsewhere.messages": "Messages with {business}",
  "elsewhere.messages_note": "Does something not work? Write here. This is not the chat in Teams: what is written there is not shown here.",
} as const;

export type ElsewhereKey = keyof typeof ELSEWHERE_ENGLISH;
