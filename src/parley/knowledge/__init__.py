"""Sources, parsers, documents and versions, chunker, ingestion."""
