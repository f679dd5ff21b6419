"""What came of a loan need at the bank: received, answered, paid; one by one or in a file."""
