"""Where the definitions of cold tenants are kept."""
