"""Administrative units as every service knows them: the registry's own, the others' from events."""
