"""Change requests (đề nghị thay đổi): life between reviews, asked with evidence and decided."""
