"""An insurer of the demo: its own process, its own books, told of the roll by webhooks alone."""
