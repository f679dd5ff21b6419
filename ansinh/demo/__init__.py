"""The demo: published figures of Bắc Kạn on synthetic households, and one household's story."""
