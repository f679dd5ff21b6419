"""`make register`: the register of three communes through a year, by its public API."""
