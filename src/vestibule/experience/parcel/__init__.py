"""An experience with all it takes to run it elsewhere: one zip, which starts by `script/server`."""

from vestibule.experience.parcel.contents import pack

__all__ = ["pack"]
