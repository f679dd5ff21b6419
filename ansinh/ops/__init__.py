"""What an operator does: see what is behind, mend it, keep copies."""
