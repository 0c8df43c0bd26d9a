"""Taking appointments, busy times and consumers in from files, and giving them out."""
