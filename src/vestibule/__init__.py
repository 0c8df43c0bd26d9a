"""Vestibule: self-hosted virtual appointments."""

__version__ = "0.1.0"
