"""The official files: list 03/TD out, the bank's outcomes in, a report per line."""
