"""Capital plans: how much may be lent in a commune, from which source, in a year."""
