"""The website: its pages and the files they load."""
