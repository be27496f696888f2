"""What is stored about watched channels."""
