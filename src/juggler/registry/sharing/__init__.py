"""Sharing models between tenants: grants, and the views that grantees work with."""
