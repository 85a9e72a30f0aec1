"""The register of official requests: who asked for whose data, who approved, what was given."""
