"""Made faults: sentences of real passages with one thing changed, and true ones that must not be blamed."""
