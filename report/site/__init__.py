"""The parts of the website: what stands on its pages and the files they load when asked."""
