"""Reporting's part of a citizen's file: what it keeps of a person's households, and each event."""
