"""Tenants whose models are declared: built when they are read, cold as interned definitions."""
