"""What became of households between reviews: acts, links to other households, closing."""
