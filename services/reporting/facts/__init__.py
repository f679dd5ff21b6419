"""What each household was, as of any day and as known on any day."""
