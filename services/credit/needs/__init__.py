"""Loan needs: what a household asks the bank for, step by step until it is paid out."""
