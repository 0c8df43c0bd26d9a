"""Who asked to be told what happens here, and an outbox of what they are told."""
