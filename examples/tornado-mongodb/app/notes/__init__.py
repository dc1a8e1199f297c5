"""Notes over HTTP: Tornado and MongoDB."""
