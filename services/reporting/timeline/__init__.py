"""Everything that happened to a household, with what caused it."""
