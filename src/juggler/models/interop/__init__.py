"""What other libraries ask of models: pydantic and FastAPI, msgspec, rich, notebooks."""
