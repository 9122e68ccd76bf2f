"""Who owns which model: owners, namespaces, shapes, tenants, clean-up and statistics."""
