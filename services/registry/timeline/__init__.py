"""One household's history, of any day, as known at any time; see the README for what it holds."""
