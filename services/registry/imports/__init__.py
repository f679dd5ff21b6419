"""Households from the spreadsheets of provinces, and into them: one form goes round."""
