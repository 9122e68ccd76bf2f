"""What a service offers to whom, as an OpenAPI document."""
