"""Whether learn-only text, the rules and the sources' scope hold against models that do their worst."""
