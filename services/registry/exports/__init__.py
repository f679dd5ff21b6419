"""Households out, in the form in which they come in: corrected there, it is an import again."""
