"""What happens to records: one road from a call on a model to its store and back."""
