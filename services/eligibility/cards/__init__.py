"""Health-insurance cards (thẻ BHYT): what the insurer answers to the lines of the roll."""
