"""Claims, catch-up and the supervision of processes."""
