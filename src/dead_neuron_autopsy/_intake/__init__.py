"""Whatever the caller holds becomes a `Population`: ids and one source of histories."""
