"""What tests share: a closed network, databases, a real server in a process of its own."""
