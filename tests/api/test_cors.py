"""Pages of others call the API only where they are listed."""

import pytest

ELSEWHERE = "https://reader.example"


def ask(program, method="GET", origin=ELSEWHERE, path="/posts/", **more):
    return program()(method, path, Origin=origin, **more)


def preflight(program, asked="GET", headers="authorization", **more):
    return ask(
        program,
        "OPTIONS",
        Access_Control_Request_Method=asked,
        Access_Control_Request_Headers=headers,
        **more,
    )


def told(answer):
    return {name for name in answer.headers if name.lower().startswith("access-control-")}


def test_nobody_is_listed_unless_somebody_lists_them(program, db, settings):
    assert settings.CORS_ALLOWED_ORIGINS == [] and not getattr(settings, "CORS_ALLOW_ALL_ORIGINS", False)
    assert not told(ask(program)) and not told(preflight(program))
    assert not told(ask(program, path="/nothing/"))


def test_who_is_listed_may_read_what_programs_need(program, db, settings):
    settings.CORS_ALLOWED_ORIGINS = [ELSEWHERE]
    answer = ask(program)
    assert answer["Access-Control-Allow-Origin"] == ELSEWHERE and "origin" in answer["Vary"].lower()
    # Never with cookies: a token is all they have.
    assert "Access-Control-Allow-Credentials" not in answer
    shown = answer["Access-Control-Expose-Headers"].lower()
    assert all(name in shown for name in ("etag", "link", "location", "ratelimit", "retry-after"))
    before = preflight(program, "PATCH", "authorization,content-type,if-match,idempotency-key")
    assert before.status_code == 200 and "PATCH" in before["Access-Control-Allow-Methods"]
    assert "if-match" in before["Access-Control-Allow-Headers"] and not before.content


@pytest.mark.parametrize(
    "origin", ["https://other.example", "http://reader.example", "https://reader.example.evil.example", "null"]
)
def test_who_is_not_listed_may_not(program, db, settings, origin):
    settings.CORS_ALLOWED_ORIGINS = [ELSEWHERE]
    assert "Access-Control-Allow-Origin" not in ask(program, origin=origin)
    assert "Access-Control-Allow-Origin" not in preflight(program, origin=origin)


def test_errors_are_readable_too(program, db, settings):
    settings.CORS_ALLOWED_ORIGINS = [ELSEWHERE]
    for path, status in (("/nothing/", 404), ("/posts/?page=x", 404), ("/posts/?unknown=1", 400)):
        answer = ask(program, path=path)
        assert answer.status_code == status and answer["Access-Control-Allow-Origin"] == ELSEWHERE, path


def test_pages_of_the_site_are_nobody_elses(client, db, settings):
    settings.CORS_ALLOWED_ORIGINS = [ELSEWHERE]
    answer = client.get("/", headers={"origin": ELSEWHERE})
    assert "Access-Control-Allow-Origin" not in answer
