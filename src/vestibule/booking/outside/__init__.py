"""A scheduler outside, such as Microsoft Bookings, kept in step with our appointments.

`wanting` notes in the transaction of each change that it is to be brought there, `delivery` brings it, `reading` reads
what stands there, `deciding` says what follows from both, `following` does it here, `asking` asks who is free before a
booking, `stating` says to staff how it stands; `worker` runs it all.
"""
