"""What every resource of the API shares: errors, lists, shapes, conditions. Resources themselves live in their apps."""
