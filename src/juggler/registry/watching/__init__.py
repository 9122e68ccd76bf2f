"""How a registry is: health, figures, and what watches over it."""
