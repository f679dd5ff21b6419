"""Subscriptions of other systems (DCI) to what happens to households."""
