"""The embedded data set: music composed by seeded rules and rendered with a SoundFont."""
