"""Chat and embedding providers, retries, prices; fakes that pass the same contract."""
