"""Stores: one folder a kind of store, one contract for all."""
