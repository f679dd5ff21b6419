"""A citizen's file: all that the register holds of a person, and who read it and why."""
