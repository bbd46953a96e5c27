"""Ways to tell people and programs of an alert."""
