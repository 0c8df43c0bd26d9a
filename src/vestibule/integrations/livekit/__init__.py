"""LiveKit, a media server for calls that browsers alone cannot carry."""
