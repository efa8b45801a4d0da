"""Publishing a built site, and previewing it."""
