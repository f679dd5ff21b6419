"""Status decisions: one document over many households, and the timelines that follow from them."""
