"""Partners outside: who they are and what they may see, the change feed, webhooks (ADR 0015)."""
