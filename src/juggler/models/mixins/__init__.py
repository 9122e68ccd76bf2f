"""Mixins: what several models have in common without extending one another."""
