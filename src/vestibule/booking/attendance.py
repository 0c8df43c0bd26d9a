"""What happens to an appointment when something happens in its meeting."""
