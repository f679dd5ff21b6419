"""What the demo's bank and insurer have in common: processes with books of their own, that are told
how to behave and speak to An Sinh by the public roads alone.
"""
