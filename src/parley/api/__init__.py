"""The HTTP front door: routers, dependencies, error mapping, event streams."""
