"""One folder per platform: everything a platform says or is told passes through here."""
