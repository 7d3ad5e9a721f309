# One image for web, worker, beat, relay and the migration; docker-compose.yml says which is which.
FROM python:3.12-slim AS packages
COPY requirements/app.txt /tmp/app.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /tmp/app.txt

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# A new volume takes over the owner and the mode of the folder that it is mounted on.
RUN useradd --system --uid 10001 --home-dir /nonexistent scruple \
    && install --directory --owner=scruple --mode=0700 /srv/papers
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
# Needs neither database nor secret: without DATABASE_URL a passing key does.
RUN python manage.py collectstatic --noinput --verbosity 0 \
    -i svgs -i sprites -i '*.rtl.*' -i 'fontawesome/js/*'
USER scruple
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind=0.0.0.0:8000", "--worker-class=gthread", \
     "--workers=2", "--threads=4", "--no-control-socket", "--worker-tmp-dir=/dev/shm"]
