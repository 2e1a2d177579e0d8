"""Git repositories as sources: fetched by a process of their own, read file by file, kept current by commits."""
