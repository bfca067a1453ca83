"""What may go wrong outside, and what must then still be true."""
