"""Sources that lie elsewhere or are written in Parley itself: how they are described, and how documents arrive."""
