"""Webhooks by Standard Webhooks: endpoints, what is on its way to them, and who sends it."""
