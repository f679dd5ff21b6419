"""Purposes (mục đích xử lý dữ liệu cá nhân): why values of persons may be seen, by whose law."""
