"""Messages to people, in the site and by mail; knows nothing of what they are about."""
