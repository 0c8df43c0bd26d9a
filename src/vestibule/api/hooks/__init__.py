"""Callbacks from the services that carry our messages."""
