"""From music to results: the computing half of latentes. Knows nothing of pages or Spanish."""
