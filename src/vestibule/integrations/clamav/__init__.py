"""Files looked into by a ClamAV daemon."""
