"""Households shown to the social-policy bank (NHCSXH), and what came of it."""
