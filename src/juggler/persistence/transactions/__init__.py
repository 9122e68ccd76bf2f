"""Transactions over several calls: begun, joined by operations, ended once."""
