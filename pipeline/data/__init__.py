"""The corpus of clips: cut from files, checked, deduplicated and split."""
