"""Taking turns at what makes up a business.

Whoever locks several rows of it locks the business first, and the rows after that: in any other order two wait for each
other, and the database gives one of them up.
"""

from vestibule.people.models import Business


def take(business_id: int) -> Business:
    """Wait until nobody else has the turn, keep it until the transaction ends, and return the business as it is then.

    Call it first in the writing block, which has every turn already on SQLite; taken twice it is taken once. Rows that
    name the business can be added meanwhile without a turn.
    """
    return Business.objects.select_for_update(no_key=True).get(pk=business_id)
