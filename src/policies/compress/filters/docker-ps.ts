import { defineFilter, type Filter } from "../filter.ts";

/** Containers, images and volumes; of very long lists both ends. */
export const dockerPs: Filter = defineFilter({
  id: "docker-ps",
  summary: "Containers, images and volumes; of very long lists both ends.",
  commands: ["docker ps", "docker images", "docker container", "docker compose ps", "docker volume", "docker network", "podman ps"],
  signs: ["^CONTAINER ID +IMAGE +COMMAND", "^REPOSITORY +TAG +IMAGE ID"],
  keep: ["^(?:CONTAINER ID|REPOSITORY|NAME|VOLUME NAME|NETWORK ID) +", "\\b(?:Restarting|unhealthy|Dead|Exited)\\b"],
  drop: [{ what: "images without a name", lines: ["^<none> +<none> +"] }],
  cap: { lines: 80, head: 45, tail: 25 },
  samples: [
    {
      claim: "containers stay (from its documentation)",
      command: "docker images",
      output: `REPOSITORY   TAG       IMAGE ID       CREATED       SIZE
shop         latest    0123456789ab   2 hours ago   120MB
<none>       <none>    ba9876543210   3 hours ago   119MB`,
      survives: ["shop         latest    0123456789ab   2 hours ago   120MB"],
      drops: ["<none>       <none>    ba9876543210   3 hours ago   119MB"],
    },
  ],
});
