# Tenon's processes: web, dispatcher, worker, beat (compose.yaml names the command of each).
FROM python:3.12-slim AS build
WORKDIR /build
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm \
    && rm -rf /var/lib/apt/lists/*
COPY . .
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
    && python -c "import sys; sys.path.insert(0, 'tools'); import setup; setup.copy_front_end()" \
    && pip install --no-cache-dir build "hatchling>=1.27" "babel>=2.17" \
    && python -m build --wheel --no-isolation --outdir /wheels

FROM python:3.12-slim
# What WeasyPrint needs for PDF files; without it the site runs and says what is missing.
RUN apt-get update && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --home-dir /var/lib/tenon --create-home tenon
COPY requirements.lock /tmp/requirements.lock
RUN pip install --no-cache-dir torch==2.13.0 \
    && pip install --no-cache-dir -r /tmp/requirements.lock
COPY --from=build /wheels /tmp/wheels
RUN pip install --no-cache-dir --no-deps /tmp/wheels/*.whl && rm -r /tmp/wheels /tmp/requirements.lock
USER tenon
ENV TENON_VAR=/var/lib/tenon PYTHONUNBUFFERED=1
VOLUME /var/lib/tenon
EXPOSE 8000
CMD ["gunicorn", "tenon.wsgi:app", "--workers", "3", "--threads", "8", "--bind", "0.0.0.0:8000"]
