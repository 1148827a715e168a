# The service alone; docker-compose.yml adds the database.
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    QINGTIAN_HOME=/var/lib/qingtian \
    QINGTIAN_HOST=0.0.0.0 \
    PORT=8000

# Printed summaries are set in these.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app

COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.lock

COPY pyproject.toml ./
COPY schemas schemas
COPY geo geo
COPY sync sync
COPY mobile_contract mobile_contract
COPY backend backend

RUN useradd --system --create-home --home-dir /var/lib/qingtian qingtian
USER qingtian

# The reference packages lie in the image, and from there in a new volume: the first start needs no package index.
RUN python -m backend reference fetch

VOLUME /var/lib/qingtian
EXPOSE 8000
ENTRYPOINT ["python", "-m", "backend"]
CMD ["run"]
