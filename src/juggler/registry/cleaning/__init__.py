"""How a tenant leaves: clean-up, what began before it, its history, and who holds what is left."""
