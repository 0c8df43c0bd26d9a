"""Files of threads over HTTP: sent in parts, handed out from short-lived addresses."""
