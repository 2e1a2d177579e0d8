"""The command line: one module per group of verbs, all speaking HTTP to a Parley of their own or a running one."""
