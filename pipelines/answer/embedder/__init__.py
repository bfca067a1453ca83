"""What texts mean, as vectors: MiniLM-L6 with weights of 8 bits, and how its file is built."""
