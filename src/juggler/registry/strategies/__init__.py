"""Strategies: which resident tenants give up their built models, and in which order."""
