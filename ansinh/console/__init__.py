"""The front page: what runs here, the four APIs, and one household's timeline."""
