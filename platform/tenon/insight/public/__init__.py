"""What everybody may know of the site's figures."""
