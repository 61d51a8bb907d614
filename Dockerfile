# The gateway as an image: one binary on a base that has a C library and certificates, and no shell.
#   docker build --tag omni --build-arg OMNI_COMMIT=$(git rev-parse --short=12 HEAD) .
#   docker run --publish 20128:20128 --volume ./omni.config.ts:/etc/omni/omni.config.ts:ro --env OPENAI_API_KEY omni
FROM oven/bun:1.4.5 AS build
WORKDIR /omni
COPY package.json bun.lock bunfig.toml ./
RUN bun install --frozen-lockfile --ignore-scripts
COPY . .
ARG OMNI_COMMIT
RUN OMNI_COMMIT=$OMNI_COMMIT bun run scripts/build.ts

FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=build /omni/dist/omni /usr/bin/omni
# A relative path to the configuration, and the imports in it, start here. Mount the folder rather than the file, and changes arrive while it runs.
WORKDIR /etc/omni
EXPOSE 20128
# SIGTERM drains: streams may finish, so give the container a longer grace than `server.drain` says.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/omni"]
# Inside a container, 127.0.0.1 is the container alone.
CMD ["serve", "--hostname", "0.0.0.0"]
