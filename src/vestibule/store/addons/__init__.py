"""What the operator added to this installation: never part of ours, lies in the data folder, read from there.

from vestibule.store import addons

addons.acs_calling.installed()
"""

from vestibule.store.addons import acs_calling

__all__ = ["acs_calling"]
