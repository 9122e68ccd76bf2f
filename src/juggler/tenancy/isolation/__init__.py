"""How the data of tenants is kept apart."""
