"""Durable jobs: define, enqueue, run, progress, cancel, reconcile."""
