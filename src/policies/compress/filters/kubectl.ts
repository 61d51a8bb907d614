import { defineFilter, type Filter } from "../filter.ts";

/** Rows, events and logs; managed fields and repeated normal events go, and of long logs the middle. */
export const kubectl: Filter = defineFilter({
  id: "kubectl",
  summary: "Rows, events and logs; managed fields and repeated normal events go, and of long logs the middle.",
  commands: ["kubectl", "oc", "k9s", "helm"],
  signs: ["^NAME +READY +STATUS +RESTARTS", "^Events:$", "^Namespace: +\\S", "^[^/ ]+/[^ ]+ (?:created|configured|unchanged|deleted)"],
  keep: [
    "^(?:NAME|NAMESPACE|LAST SEEN) +",
    "^ *Warning +",
    "\\b(?:CrashLoopBackOff|ImagePullBackOff|ErrImagePull|Pending|Evicted|OOMKilled|NotReady|Terminating|Init:)",
    "^[^/ ]+/[^ ]+ (?:created|configured|deleted|patched)",
    "rolled out",
    "^ *(?:State|Last State|Reason|Exit Code|Ready|Restart Count|Image):",
  ],
  drop: [
    { what: "unchanged", lines: ["^[^/ ]+/[^ ]+ unchanged$"] },
    {
      what: "metadata",
      lines: ["^ +(?:uid|resourceVersion|generation|selfLink|creationTimestamp): ", "kubectl\\.kubernetes\\.io/last-applied-configuration"],
    },
  ],
  dropSpans: [
    {
      what: "managed fields",
      from: ["^ +managedFields:"],
      to: ["^ {2}(?:name|namespace|ownerReferences|labels|resourceVersion|uid):", "^\\S"],
      linesMax: 2000,
    },
  ],
  once: ["^ {2}Normal +\\S"],
  cap: { lines: 260, head: 80, tail: 140 },
  samples: [
    {
      claim: "healthy rows stay (from its documentation)",
      command: "kubectl apply -f .",
      output: `NAME      READY   STATUS    RESTARTS   AGE
web-1     1/1     Running   0          3d
web-2     0/1     CrashLoopBackOff   12   3d
service/web unchanged
deployment.apps/web configured`,
      survives: [
        "web-1     1/1     Running   0          3d",
        "web-2     0/1     CrashLoopBackOff   12   3d",
        "deployment.apps/web configured",
      ],
      drops: ["service/web unchanged"],
    },
  ],
});
