"""Django's SQLite backend with one fair writer per process."""
