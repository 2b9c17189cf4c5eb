# Listwright on Node 24. Nothing is compiled: from Node 22.14 on, SQLite comes ready-made in its npm package.
#
#   docker build -t listwright .
#   docker run --read-only --tmpfs /tmp -v listwright:/app/data -v ./listwright.toml:/etc/listwright/listwright.toml:ro \
#     -p 25:2525 -p 127.0.0.1:8080:8080 listwright

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY migrations migrations
COPY config config
COPY src src
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production
# What a mail of megabytes took goes back to the system at once (docs/delivery.md, “Large mails”).
ENV MALLOC_MMAP_THRESHOLD_=1048576
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY --from=build /app/dist dist
COPY --from=build /app/config config
# 1000 is the image's user "node".
RUN install -d -o 1000 -g 1000 -m 700 data
ENV LISTWRIGHT_DATA_DIR=/app/data
ENV LISTWRIGHT_SMTP__LISTEN=0.0.0.0:2525
ENV LISTWRIGHT_WEB__LISTEN=0.0.0.0:8080
USER node
VOLUME /app/data
EXPOSE 2525 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD node -e "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["serve"]
