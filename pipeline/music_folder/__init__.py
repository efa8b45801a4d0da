"""The user's folder of music: its files, and the genre of each."""
