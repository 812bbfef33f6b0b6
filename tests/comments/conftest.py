from tests.blog.conftest import publish, write

__all__ = ["publish", "write"]
