"""What a site has besides its pages."""
