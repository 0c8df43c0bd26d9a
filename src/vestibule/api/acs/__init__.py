"""Azure Communication Services' API, served by us: identities, rooms, chat, text messages and e-mail."""
