"""Calendars by their address: one file that says when somebody is busy."""
