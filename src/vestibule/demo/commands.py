"""What `vestibule create-business` and `create-manager` do."""


def create_business(slug: str, name: str, timezone: str) -> int:
    """Make a business; returns the exit code."""
    return 1


def create_manager(business: str, email: str, name: str) -> int:
    """Make an owner of a business and print a link to set a password; returns the exit code."""
    return 1
