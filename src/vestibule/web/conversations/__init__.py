"""Pages of an appointment's conversation outside the call."""
