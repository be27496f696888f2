# The bot as a container image:
#
#   docker build --build-arg TORCH_INDEX=ADDRESS -t sentiment-bot .
#   docker run --env-file .env --volume sentiment-bot:/data --stop-timeout 30 sentiment-bot
#
# ADDRESS is PyTorch's package index for CPU, from https://pytorch.org/get-started/locally/: PyPI's build includes
# several gigabytes of CUDA. For HTTP, add --publish 3000:3000 before the image's name, and `run --http` after it.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ARG TORCH_INDEX
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_PYTHON=/opt/bot/bin/python
RUN test -n "${TORCH_INDEX}" || { echo "Give PyTorch's index for CPU: --build-arg TORCH_INDEX=ADDRESS" >&2; exit 1; } \
    && python -m venv --without-pip /opt/bot
WORKDIR /build
COPY requirements.lock requirements-dev.lock requirements-torch.lock ./
# The extras oauth and postgres are locked with the development packages.
RUN awk '/^[a-z]/ { wanted = /^(cffi|cryptography|psycopg|psycopg-binary|pycparser)=/ } wanted' requirements-dev.lock > extras.lock \
    && pip install --require-hashes --no-deps --requirement requirements.lock --requirement extras.lock \
    && pip install --no-deps --index-url "${TORCH_INDEX}" --requirement requirements-torch.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY slack_emulator slack_emulator
RUN pip install --no-deps . \
    && pip check

FROM python:${PYTHON}-slim
COPY --from=build /opt/bot /opt/bot
RUN useradd --system --uid 10001 --home-dir /data --create-home bot
USER 10001
WORKDIR /data
VOLUME /data
ENV PATH=/opt/bot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/sentiment-bot.db \
    METRICS_PORT=9464
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['METRICS_PORT']), timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["sentiment-bot"]
CMD ["run"]
