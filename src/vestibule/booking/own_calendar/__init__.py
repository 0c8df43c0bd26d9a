"""The calendar a provider has here, as programs read and write it: appointments, time off, and what else takes time."""
