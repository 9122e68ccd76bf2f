"""Three tenants on real cities and countries: their data, how it is loaded, what to try."""
