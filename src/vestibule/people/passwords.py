"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id at 46 MiB, two passes, one lane.

    Django's default takes 100 MiB and eight lanes a try: eight people signing in at once would want 800 MiB.
    """

    time_cost = 2
    memory_cost = 46 * 1024
    parallelism = 1
