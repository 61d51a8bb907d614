import { describe, expect, test } from "bun:test";
import { destinationOf } from "../../../src/world/direct/destination.ts";

describe("destinationOf", () => {
  test.each([
    { url: "http://a.example/b?c=d", isSecure: false, hostname: "a.example", port: 80, host: "a.example", path: "/b?c=d" },
    { url: "https://A.Example", isSecure: true, hostname: "a.example", port: 443, host: "a.example", path: "/" },
    { url: "https://a.example:8443/x y", isSecure: true, hostname: "a.example", port: 8443, host: "a.example:8443", path: "/x%20y" },
    { url: "http://[::1]:8080/", isSecure: false, hostname: "::1", port: 8080, host: "[::1]:8080", path: "/" },
    { url: "http://a.example/b\r\nc: d", isSecure: false, hostname: "a.example", port: 80, host: "a.example", path: "/bc:%20d" },
  ])("reads $url", ({ url, ...expected }) => {
    expect(destinationOf(url, {})).toMatchObject(expected);
  });

  test.each(["ftp://a.example", "http://user:password@a.example", "http://a.example:99999", "a.example", "http://", ""])(
    "leaves %j to the runtime's own client",
    (url) => {
      expect(destinationOf(url, {})).toBeUndefined();
    },
  );

  test.each([
    { exceptions: "", isDirect: false },
    { exceptions: "*", isDirect: true },
    { exceptions: "api.a.example", isDirect: true },
    { exceptions: "b.example, A.Example", isDirect: true },
    { exceptions: ".a.example", isDirect: true },
    { exceptions: "*.a.example", isDirect: true },
    { exceptions: "i.a.example", isDirect: false },
    { exceptions: "a.example:8080", isDirect: false },
  ])("with a proxy, and the exceptions $exceptions, goes direct: $isDirect", ({ exceptions, isDirect }) => {
    expect(destinationOf("https://api.a.example/", { HTTPS_PROXY: "http://proxy", NO_PROXY: exceptions }) !== undefined).toBe(isDirect);
  });

  test("takes the end of an address for no domain", () => {
    expect(destinationOf("http://127.0.0.1/", { http_proxy: "http://proxy", no_proxy: "0.0.1" })).toBeUndefined();
  });
});
