"""Vault (kho danh tính): names, numbers and addresses, sealed and dated."""
