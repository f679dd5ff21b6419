"""Reconciliation (đối chiếu): a partner's list beside ours, and who acts on what differs."""
