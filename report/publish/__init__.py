"""Previewing and publishing a built site."""
