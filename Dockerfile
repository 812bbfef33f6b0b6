# Letterpress in two stages: one that has compilers and pip, and the small one that runs.
# No secret is in the image; everything it needs to know comes from the environment (.env.example).
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements/requirements.txt requirements/
RUN /venv/bin/python -m pip install --require-hashes --no-deps -r requirements/requirements.txt
COPY . .
# Hashed and compressed static files; these settings live only as long as this line.
RUN ENVIRONMENT=production SECRET_KEY=only-while-this-image-is-built-0123456789-abcdefghijklmnop ALLOWED_HOSTS=build.invalid \
    SITE_URL=https://build.invalid EMAIL_URL=smtp://build.invalid \
    /venv/bin/python manage.py collectstatic --noinput \
    && /venv/bin/python -m compileall -q accounts blog config core media_assets transfer webhooks \
    && rm -rf static var && mkdir -p static var/media

FROM python:${PYTHON_VERSION}-slim-bookworm
LABEL org.opencontainers.image.title="Letterpress" org.opencontainers.image.licenses="MIT"
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ENVIRONMENT=production
RUN groupadd --system --gid 10001 letterpress \
    && useradd --system --uid 10001 --gid letterpress --home-dir /app --no-create-home --shell /usr/sbin/nologin letterpress
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
# The only folder it writes to besides /tmp; the rest may be mounted read-only.
RUN chown -R letterpress:letterpress /app/var
USER 10001:10001
VOLUME /app/var
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "bin/ask_health.py"]
CMD ["python", "-m", "config.serve", "--only", "web", "--host", "0.0.0.0"]
