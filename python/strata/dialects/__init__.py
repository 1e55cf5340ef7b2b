"""What would become of the models on warehouses that cannot be had here: parsed in their dialects, never run."""
