import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { SqliteAdminStore } from "../../src/ledger/admin-store.ts";
import { ApiKeys, KeyRing } from "../../src/policies/api-keys.ts";
import { Logins } from "../../src/policies/logins.ts";
import { cookieToken } from "../../src/policies/session-token.ts";
import { ManualClock } from "../../src/world/simulated.ts";
import { temporaryFolder } from "../ledger/samples.ts";

const MINUTE_MS = 60_000;

let folder: ReturnType<typeof temporaryFolder>;
let store: SqliteAdminStore;
let clock: ManualClock;
let logins: Logins;
let verified: string[] = [];
beforeEach(() => {
  folder = temporaryFolder();
  store = new SqliteAdminStore(folder.path, 0);
  store.setPassword("admin", "hash of right", 0);
  clock = new ManualClock();
  verified = [];
  logins = made();
});
afterEach(() => {
  store.close();
  folder[Symbol.dispose]();
});

/** Another process's view of the same store. */
function made(): Logins {
  const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
  const verify = async (password: string, hash: string): Promise<boolean> => {
    verified.push(hash);
    return hash === `hash of ${password}`;
  };
  const others = new Logins({ clock, randomBytes, verify });
  others.use(store);
  return others;
}

const login = (password: string, more: { account?: string; address?: string; scopes?: ("inference" | "admin")[] } = {}) =>
  logins.login({ account: "admin", password, scopes: ["inference", "admin"], address: "192.0.2.7", ...more });
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "none",
    (error) => error.kind,
  );

describe("a password", () => {
  test("that is right begins a session, of which only a digest is kept", async () => {
    const { token, account } = await login("right");
    expect([account, logins.find(token)?.caller.keyName]).toEqual(["admin", "login:admin"]);
    const kept = JSON.stringify(store["database"].sqlite.query("SELECT * FROM sessions").all());
    expect(kept).not.toContain(token.slice(13));
    expect(logins.find(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`)).toBeUndefined();
  });

  test("that is wrong, and an account that is not there, are refused alike and take the same work", async () => {
    expect(await failure(login("wrong"))).toBe("invalid_api_key");
    expect(await failure(login("right", { account: "nobody" }))).toBe("invalid_api_key");
    expect(verified.length).toBe(2);
    // What a stranger's password is held against costs as much as a real one.
    expect(verified[1]).toMatch(/^\$argon2id\$v=19\$m=65536,t=2,p=1\$/);
  });

  test("can be tried five times a minute from one address, also all at once, and a right one does not count", async () => {
    for (let count = 0; count < 20; count++) await login("right");
    const tries = await Promise.all(Array.from({ length: 30 }, () => failure(login("wrong"))));
    expect(tries.filter((kind) => kind === "invalid_api_key").length).toBe(5);
    expect(await failure(login("right"))).toBe("rate_limited");
    expect(await failure(login("wrong", { address: "192.0.2.8" }))).toBe("invalid_api_key");
    await clock.advance(MINUTE_MS);
    expect((await login("right")).account).toBe("admin");
  });

  test("can be tried ten times a minute for one account, from however many addresses", async () => {
    const kinds: unknown[] = [];
    for (let from = 0; from < 30; from++) kinds.push(await failure(login("wrong", { address: `198.51.100.${from}` })));
    expect(kinds.filter((kind) => kind === "invalid_api_key").length).toBe(10);
  });

  test("is looked at two at a time, and no more than eight wait", async () => {
    let [running, most] = [0, 0];
    const slow = new Logins({
      clock,
      randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
      verify: async () => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return true;
      },
    });
    slow.use(store);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        failure(slow.login({ account: `a${at}`, password: "x", scopes: ["admin"], address: `192.0.2.${at}` })),
      ),
    );
    expect([most, outcomes.filter((kind) => kind === "none").length]).toEqual([2, 10]);
    const many = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        failure(slow.login({ account: `b${at}`, password: "x", scopes: ["admin"], address: `192.0.2.${at + 50}` })),
      ),
    );
    expect(many.filter((kind) => kind === "overloaded").length).toBe(2);
  });

  test("that is changed ends all sessions, in other processes too", async () => {
    const { token } = await login("right");
    const elsewhere = made();
    expect(elsewhere.find(token)?.account).toBe("admin");
    store.setPassword("admin", "hash of new", 1);
    for (const each of [logins, elsewhere]) each.use(store);
    expect([logins.find(token), elsewhere.find(token)]).toEqual([undefined, undefined]);
    expect(await failure(login("right"))).toBe("invalid_api_key");
  });

  test("that nobody has opens nothing", async () => {
    logins.use(undefined);
    expect([logins.isOpen, await failure(login("right"))]).toEqual([false, "forbidden"]);
  });
});

describe("a session", () => {
  test("ends after half an hour without use, and after twelve hours whatever happens", async () => {
    const { token } = await login("right");
    const { token: unused } = await login("right");
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      await clock.advance(20 * MINUTE_MS);
      expect([minutes, logins.find(token) !== undefined]).toEqual([minutes, true]);
    }
    expect(logins.find(unused)).toBeUndefined();
    await clock.advance(20 * MINUTE_MS);
    expect(logins.find(token)).toBeUndefined();
  });

  test("is used in one process and does not end for it in another", async () => {
    const { token } = await login("right");
    for (let turn = 0; turn < 3; turn++) {
      await clock.advance(20 * MINUTE_MS);
      expect(logins.find(token)).toBeDefined();
    }
    expect(made().find(token)).toBeDefined();
  });

  test("goes on under another token, and no longer than it would have", async () => {
    const { token, endsEpochMs } = await login("right");
    await clock.advance(MINUTE_MS);
    const next = logins.rotate(token);
    expect([next?.endsEpochMs, logins.find(token), logins.rotate(token)]).toEqual([endsEpochMs, undefined, undefined]);
    expect(logins.find(next?.token ?? "")?.account).toBe("admin");
  });

  test("is over for good when its person logs out, here or everywhere", async () => {
    const [one, two, three] = [await login("right"), await login("right"), await login("right")];
    logins.end(one.token);
    expect([logins.find(one.token), logins.find(two.token)?.account]).toEqual([undefined, "admin"]);
    logins.end(two.token, true);
    expect([logins.find(three.token), made().find(three.token)]).toEqual([undefined, undefined]);
  });

  test("opens the door for requests within its scopes, by token or by cookie", async () => {
    const door = new ApiKeys(new KeyRing([]), { logins });
    const { token } = await login("right");
    const { token: admin } = await login("right", { scopes: ["admin"] });
    const ask = (headers: Record<string, string>): string => {
      try {
        return door.authenticate(new Headers(headers), "192.0.2.7", clock.nowMs(), clock.epochMs()).keyName;
      } catch (error) {
        return (error as { kind: string }).kind;
      }
    };
    const page = { host: "omni.test", "sec-fetch-site": "same-origin" };
    expect(ask({ authorization: `Bearer ${token}` })).toBe("login:admin");
    expect(ask({ "x-api-key": token })).toBe("login:admin");
    expect(ask({ cookie: `a=b; omni_session=${token}`, ...page })).toBe("login:admin");
    expect(ask({ cookie: `__Host-omni=${token}`, "x-forwarded-proto": "https", ...page })).toBe("login:admin");
    expect(ask({ authorization: `Bearer ${admin}` })).toBe("forbidden");
    expect(ask({})).toBe("invalid_api_key");
    expect(ask({ authorization: `Bearer ${token.slice(0, -2)}zz` })).toBe("invalid_api_key");
    // A cookie that the browser would not have kept from others is not taken over https.
    expect(ask({ cookie: `omni_session=${token}`, "x-forwarded-proto": "https", ...page })).toBe("invalid_api_key");
  });
});

describe("a session's cookie", () => {
  const token = `omni_session_${"a".repeat(43)}`;
  test.each([
    { claim: "from our own page", headers: { "sec-fetch-site": "same-origin" }, taken: true },
    { claim: "from our own page, by its origin", headers: { origin: "http://omni.test:1" }, taken: true },
    { claim: "typed by a person", headers: { "sec-fetch-site": "none" }, taken: true },
    { claim: "from another site", headers: { "sec-fetch-site": "cross-site" }, taken: false },
    { claim: "from a neighbour", headers: { "sec-fetch-site": "same-site" }, taken: false },
    { claim: "from another origin", headers: { origin: "http://evil.test" }, taken: false },
    { claim: "from another port", headers: { origin: "http://omni.test:2" }, taken: false },
    { claim: "from nowhere", headers: { origin: "null", "sec-fetch-site": "same-origin" }, taken: false },
    { claim: "without a word on where from", headers: {}, taken: false },
  ])("is taken $claim: $taken", ({ headers, taken }) => {
    const all = new Headers({ host: "omni.test:1", cookie: `omni_session=${token}`, ...(headers as Record<string, string>) });
    const outcome = (() => {
      try {
        return cookieToken(all);
      } catch (error) {
        return (error as { kind: string }).kind;
      }
    })();
    expect(outcome).toBe(taken ? token : "forbidden");
  });
});
