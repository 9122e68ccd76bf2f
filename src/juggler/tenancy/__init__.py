"""Tenants: who they are, who asks for which, and where each one's data is kept."""
