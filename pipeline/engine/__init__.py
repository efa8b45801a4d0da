"""The engine: runs a graph of steps, each once, and keeps what they give."""
