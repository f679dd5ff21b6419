"""What a person may ask about its own data: to see it, to mend it, to have its use limited."""
