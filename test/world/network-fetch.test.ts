import { describe, expect, test } from "bun:test";
import { NetworkError } from "../../src/world/network.ts";
import { networkErrorOf } from "../../src/world/network-fetch.ts";

describe("networkErrorOf", () => {
  test.each([
    { code: "DEPTH_ZERO_SELF_SIGNED_CERT", fault: "tls", sent: false },
    { code: "ERR_TLS_CERT_ALTNAME_INVALID", fault: "tls", sent: false },
    { code: "CERT_HAS_EXPIRED", fault: "tls", sent: false },
    { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE", fault: "tls", sent: false },
    { code: "ETIMEDOUT", fault: "timed-out", sent: true },
    { code: "ESOMETHING", fault: "other", sent: true },
  ])("$code is $fault", ({ code, ...expected }) => {
    const cause = Object.assign(new TypeError("x"), { code });
    expect(networkErrorOf(cause)).toMatchObject({ ...expected, cause });
  });

  test("what is one already stays the same, and what is no error at all may have arrived", () => {
    const error = new NetworkError("refused", false);
    expect(networkErrorOf(error)).toBe(error);
    expect(networkErrorOf("odd")).toMatchObject({ fault: "other", sent: true });
  });
});
