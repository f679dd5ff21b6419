"""Households: who belongs to them, where they live, and what was known about that when."""
