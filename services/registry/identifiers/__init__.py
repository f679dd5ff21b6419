"""Identifiers (giấy tờ định danh): by which number a person is found. Hashes alone, no number."""
