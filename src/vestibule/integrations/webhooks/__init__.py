"""Tells addresses that businesses typed of what happens here."""
