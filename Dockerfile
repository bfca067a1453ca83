# Installs into an environment that the second stage takes over whole, so no build tool reaches the image.
FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /parley
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY connectors connectors
COPY pipelines pipelines
COPY storage storage
COPY config config
RUN /parley/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --home-dir /data parley
COPY --from=build /parley /parley
ENV PATH="/parley/bin:$PATH" PYTHONUNBUFFERED=1
USER parley
# parley.toml and the database live here: mount a volume that user 10001 may write to.
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s CMD ["parley", "check", "--quiet", "--offline"]
ENTRYPOINT ["parley"]
CMD ["run"]
