"""The two ways from outboxes to consumers: one promise."""
