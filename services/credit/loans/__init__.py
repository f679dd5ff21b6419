"""Loans: what was paid out and what became of it, month by month, until it is repaid."""
