"""A bank core of the demo: its own process, its own books, and only the public roads to An Sinh."""
