"""Makes local model folders out of packages that bring their weights along; no torch, no network."""
