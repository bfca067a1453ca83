"""What a person can ask of their data, for whoever runs Parley."""
