"""One module for each section of results.json: from the values of steps to schema records."""
