"""Pictures: decoded once, kept as plain bytes, read as arrays."""
