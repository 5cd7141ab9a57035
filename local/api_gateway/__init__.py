"""API Gateway: an HTTP server, and the routes and authorizers of the template."""
