"""One household's history: facts, decisions, events, reads; of any day, as known at any time."""
