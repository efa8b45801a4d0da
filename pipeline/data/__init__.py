"""From files to a corpus of clips: cut, checked, deduplicated and split."""
