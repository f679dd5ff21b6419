"""Loan terms by date: how much, how long and at what rate, as rule tables."""
