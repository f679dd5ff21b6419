"""The screens as a browser without JavaScript meets them."""
