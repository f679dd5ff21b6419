"""One household's history: facts, decisions, requests, acts, events, reads; of any day, as known at any time."""
