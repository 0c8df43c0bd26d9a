"""Vestibule: book an appointment, be reminded, meet in the browser."""
