import { defineFilter, type Filter } from "../filter.ts";

/** Status, headers and the whole body; the progress meter and the handshake go. */
export const curl: Filter = defineFilter({
  id: "curl",
  summary: "Status, headers and the whole body; the progress meter and the handshake go.",
  commands: ["curl", "http", "https", "xh"],
  signs: ["^ +% Total +% Received", "^< HTTP/\\d", "^curl: \\(\\d+\\)", "^\\* Connected to "],
  keep: ["^curl: ", "^(?:< )?HTTP/\\d", "^< \\S"],
  drop: [
    {
      what: "progress",
      lines: ["^ +% Total +% Rec", "^ +Dload +Upload", "^ *\\d+ +[\\d.]+[kMG]? +\\d+ +[\\d.]+[kMG]? +\\d", "^ *[-\\d:]{8} "],
    },
    {
      what: "handshake",
      lines: [
        "^\\* (?:TLS|ALPN|SSL| CA|  CA|Server certificate|  ?(?:subject|start date|expire date|issuer|subjectAltName)|Using HTTP|Trying|Host |IPv|Connected to|Connection #|Mark bundle|old SSL|successfully set|Closing|Request completely|using HTTP|\\[HTTP)",
        "^[{}] \\[\\d+ bytes data\\]",
        "^\\* {2,3}\\S",
      ],
    },
  ],
  lineCharsMax: 16384,
  samples: [
    {
      claim: "headers and body stay",
      command: "curl -v http://localhost/",
      output: `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
* Connected to localhost (127.0.0.1) port 80 (#0)
> GET / HTTP/1.1
< HTTP/1.1 200 OK
< content-type: text/plain
{ [24 bytes data]
100    24  100    24    0     0  13475      0 --:--:-- --:--:-- --:--:-- 24000
plain text of the body`,
      survives: ["< HTTP/1.1 200 OK", "< content-type: text/plain", "plain text of the body", "> GET / HTTP/1.1"],
      drops: ["* Connected to localhost (127.0.0.1) port 80 (#0)", "{ [24 bytes data]"],
    },
  ],
});
