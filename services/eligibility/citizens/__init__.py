"""Eligibility's part of a citizen's file: facts as told, rights, the insurance roll, offers."""
