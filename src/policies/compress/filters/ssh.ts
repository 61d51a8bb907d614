import { defineFilter, type Filter } from "../filter.ts";

/** What the host says, and failures; debug lines go. */
export const ssh: Filter = defineFilter({
  id: "ssh",
  summary: "What the host says, and failures; debug lines go.",
  commands: ["ssh", "scp", "sftp"],
  signs: ["^debug\\d: ", "^ssh: connect to host ", "^Permission denied \\("],
  keep: ["^(?:ssh|scp|sftp): ", "^Permission denied", "^Host key ", "^@+", "^Warning: ", "^Connection "],
  drop: [{ what: "debug lines", lines: ["^debug\\d: ", "^OpenSSH_\\d", "^Pseudo-terminal will not be allocated", "^Authenticated to "] }],
  samples: [
    {
      claim: "the reason stays",
      command: "ssh -v dev@localhost",
      output: `OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.11 19 Sep 2023
debug1: Reading configuration data /etc/ssh/ssh_config
debug1: connect to address 127.0.0.1 port 22: Connection refused
ssh: connect to host localhost port 22: Connection refused`,
      survives: [
        "ssh: connect to host localhost port 22: Connection refused",
        "debug1: connect to address 127.0.0.1 port 22: Connection refused",
      ],
      drops: ["debug1: Reading configuration data /etc/ssh/ssh_config"],
    },
  ],
});
