"""The API of what is published: posts and pages, their versions, taxonomies, redirects, search."""
