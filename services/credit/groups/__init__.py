"""Savings-and-credit groups (Tổ TK&VV): who belongs to which, how it is graded and reviewed."""
