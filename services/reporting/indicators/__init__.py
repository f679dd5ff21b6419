"""Stocks, rates and flows of an area."""
