"""The poverty standards: which exist, when each may be applied, and which classes each knows."""
