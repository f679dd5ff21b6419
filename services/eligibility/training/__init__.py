"""Vocational-training offers (hỗ trợ đào tạo nghề) per person of working age."""
