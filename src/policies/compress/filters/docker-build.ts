import { defineFilter, type Filter } from "../filter.ts";

/** Steps, errors and the image; progress of layers goes. */
export const dockerBuild: Filter = defineFilter({
  id: "docker-build",
  summary: "Steps, errors and the image; progress of layers goes.",
  commands: ["docker build", "docker buildx", "docker compose build", "docker-compose build", "podman build", "docker pull", "docker push"],
  signs: [
    "^#\\d+ \\[.{0,60}\\] (?:FROM|RUN|COPY|ADD|WORKDIR)",
    "^#\\d+ (?:DONE|CACHED|ERROR)",
    "^Step \\d+/\\d+ : ",
    "^Successfully (?:built|tagged) ",
  ],
  keep: [
    "^#\\d+ \\[",
    "^#\\d+ (?:DONE|ERROR|writing image|naming to)",
    "^Step \\d",
    "^Successfully ",
    "^ *--> [0-9a-f]",
    "WARN",
    "^(?:Digest|Status): ",
    "^Dockerfile:\\d",
    "^ *\\d+ \\|",
  ],
  drop: [
    {
      what: "layers",
      lines: [
        "^#\\d+ (?:sha256:|resolve |transferring|extracting|preparing|exporting|reading|load |unpacking)",
        "^[0-9a-f]{12}: (?:Pulling|Waiting|Verifying|Download|Extracting|Pull complete|Preparing|Pushing|Layer already|Pushed|Already exists)",
        "^ ---> (?:Running in )?[0-9a-f]{12}",
        "^Removing intermediate container",
        "^Sending build context",
      ],
    },
    {
      what: "downloads",
      lines: [
        "^#\\d+ [\\d.]+ (?:Get:|Hit:|Fetched|Selecting previously|Preparing to unpack|Unpacking|Setting up|Reading package|Building dependency|\\(Reading database|Collecting|Downloading|Requirement already|fetch https|\\(\\d+/\\d+\\) Installing)",
      ],
    },
    { what: "cached steps", lines: ["^#\\d+ CACHED$"] },
  ],
  samples: [
    {
      claim: "the failing step stays (from its documentation)",
      command: "docker build .",
      output: `#5 [2/4] RUN apt-get install -y curl
#5 0.512 Get:1 http://mirror.example/debian bookworm InRelease [151 kB]
#5 sha256:0123 1.05MB / 29.1MB 0.2s
#5 CACHED
#6 [3/4] RUN npm ci
#6 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
#7 DONE 0.1s`,
      survives: [
        "#6 [3/4] RUN npm ci",
        '#6 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
        "#7 DONE 0.1s",
      ],
      drops: ["#5 sha256:0123 1.05MB / 29.1MB 0.2s", "#5 CACHED"],
    },
  ],
});
