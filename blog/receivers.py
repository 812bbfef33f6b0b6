"""What follows from what this app announces."""
