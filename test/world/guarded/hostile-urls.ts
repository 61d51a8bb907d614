/** A URL that must never be fetched. */
export interface HostileUrl {
  readonly kind: string;
  readonly url: string;
  /** What the host's name resolves to, where it has one. */
  readonly addresses?: readonly string[];
  readonly fault: "invalid-url" | "denied";
}

/** One address, at least, of every range that is not the internet's. */
const DENIED_IPV4 = [
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "10.255.255.255",
  "100.64.0.1",
  "100.100.100.200",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.254",
  "168.63.129.16",
  "169.254.0.1",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.0.1",
  "192.168.255.255",
  "198.18.0.1",
  "198.19.255.255",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
] as const;

const DENIED_IPV6 = [
  "::",
  "::1",
  "0:0:0:0:0:0:0:1",
  "0000:0000:0000:0000:0000:0000:0000:0001",
  "::127.0.0.1",
  "::7f00:1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "0:0:0:0:0:ffff:7f00:1",
  "::ffff:10.0.0.1",
  "::ffff:169.254.169.254",
  "::ffff:0:127.0.0.1",
  "64:ff9b::127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b::10.0.0.1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b:1::1",
  "64:ff9b:1:ffff::808:808",
  "100::1",
  "2001::1",
  "2001:0:7f00:1::",
  "2001:0:4136:e378:8000:63bf:80ff:fffe",
  "2001:2::1",
  "2001:10::1",
  "2001:20::1",
  "2001:db8::1",
  "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
  "2002:7f00:1::",
  "2002:a00:1::1",
  "2002:c0a8:101::1",
  "2002:808:808::1",
  "3fff::1",
  "3fff:fff::1",
  "5f00::1",
  "4000::1",
  "8000::1",
  "fc00::1",
  "fd00::1",
  "fd00:ec2::254",
  "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  "fe80::1",
  "febf::1",
  "fec0::1",
  "feff::1",
  "ff00::1",
  "ff02::1",
  "ff0e::1",
  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
] as const;

const LOCAL_NAMES = [
  "localhost",
  "LOCALHOST",
  "localhost.",
  "ⓛocalhost",
  "ｌｏｃａｌｈｏｓｔ",
  "loc%61lhost",
  "lo\u00adcalhost",
  "app.localhost",
  "a.b.localhost.",
  "localhost.localdomain",
  "metadata",
  "metadata.google.internal",
  "METADATA.GOOGLE.INTERNAL.",
  "instance-data",
  "instance-data.ec2.internal",
  "kubernetes.default.svc.cluster.local",
  "printer.local",
  "router.lan",
  "nas.home",
  "gateway.home.arpa",
  "wiki.corp",
  "db.private",
  "intranet",
  "redis",
  "wiki.intranet",
  "1.0.0.127.in-addr.arpa",
] as const;

const SCHEMES = [
  "file:///etc/passwd",
  "file://localhost/etc/passwd",
  "ftp://site.example/",
  "gopher://127.0.0.1:6379/_INFO",
  "dict://127.0.0.1:11211/stats",
  "ldap://127.0.0.1/",
  "tftp://127.0.0.1/x",
  "sftp://127.0.0.1/x",
  "ssh://127.0.0.1",
  "data:text/html,hello",
  "javascript:alert(1)",
  "blob:https://site.example/0",
  "about:blank",
  "ws://site.example/",
  "wss://site.example/",
  "jar:http://site.example!/",
  "view-source:http://site.example/",
  "chrome://settings",
  "mailto:a@site.example",
  "unix:///var/run/docker.sock",
  "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
  "netdoc:///etc/passwd",
  "php://filter/resource=x",
  "urn:isbn:0",
] as const;

const CREDENTIALS = [
  "http://user@site.example/",
  "http://user:password@site.example/",
  "http://:password@site.example/",
  "https://site.example@127.0.0.1/",
  "https://site.example:443@127.0.0.1/",
  "http://site.example%40127.0.0.1@127.0.0.1/",
  "http://127.0.0.1%23@site.example/",
  "http://a:b@c:d@site.example/",
  "http://%20@site.example/",
] as const;

const MALFORMED = [
  "",
  " ",
  "site.example",
  "site.example/page",
  "//site.example/",
  "/page",
  "?query",
  "#fragment",
  "http",
  "http:",
  "http://",
  "http:///",
  "https://:443/",
  "http://a b/",
  "http://a%00b.example/",
  "http://a%2fb.example/",
  "http://a%5cb.example/",
  "http://[/",
  "http://[::1/",
  "http://::1/",
  "http://[::1%25lo]/",
  "http://[fe80::1%25eth0]/",
  "http://[1.2.3.4]/",
  "http://[::ffff:300.0.0.1]/",
  "http://[12345::1]/",
  "http://256.1.1.1/",
  "http://1.2.3.4.5/",
  "http://0x100000000/",
  "http://4294967296/",
  "http://08.1.1.1/",
  "http://site.example:99999/",
  "http://site.example:port/",
  "http://site..example/",
  "http://.site.example/",
  "http://-site.example/",
  "http://site-.example/",
  "http://xn--/",
  "http://site!.example/",
  "http://site*.example/",
  `http://${"a".repeat(64)}.example/`,
  `http://${"a.".repeat(130)}example/`,
  `http://site.example/${"a".repeat(9_000)}`,
  "http://site.example/\n",
  "http://site.example/\r\nhost: 127.0.0.1",
  "http://site.exa\tmple/",
  "ht\ntp://site.example/",
  "http://site.example/\u0000",
  "http://site.example/\u0085",
  "http://site.example\\@127.0.0.1/",
  "http:\\\\127.0.0.1\\",
  "http://127.0.0.1\\.site.example/",
  "https:\\/\\/127.0.0.1/",
] as const;

const PORTS = [
  0, 1, 21, 22, 23, 25, 53, 110, 111, 135, 143, 389, 445, 465, 587, 993, 1433, 2375, 3306, 5432, 6379, 8080, 9200, 11211, 27017, 65535,
];

/** The spellings that WHATWG's URLs take for one IPv4 address. https://url.spec.whatwg.org/#concept-ipv4-parser */
export function ipv4Spellings(address: string): readonly string[] {
  const bytes = address.split(".").map(Number);
  const whole = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const octal = (value: number): string => `0${value.toString(8)}`;
  const hex = (value: number): string => `0x${value.toString(16)}`;
  return [
    address,
    `${address}.`,
    String(whole),
    hex(whole),
    `0X${whole.toString(16).toUpperCase()}`,
    octal(whole),
    `000${octal(whole)}`,
    bytes.map(octal).join("."),
    bytes.map(hex).join("."),
    [hex(a), octal(b), c, d].join("."),
    [a, b * 65_536 + c * 256 + d].join("."),
    [a, b, hex(c * 256 + d)].join("."),
    [...address].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join(""),
    [...address].map((sign) => (sign === "." ? sign : String.fromCodePoint(0xff10 + Number(sign)))).join(""),
    address.replaceAll(".", "。"),
    address.replaceAll(".", "．"),
    address.replaceAll(".", "｡"),
    address.replaceAll(".", "%2e"),
  ];
}

/**
 * All of them.
 * @param port The one that the rules allow.
 */
export function hostileUrls(port: number): readonly HostileUrl[] {
  const at = (host: string): string => `http://${host}:${port}/`;
  return [
    ...DENIED_IPV4.flatMap((address) => ipv4Spellings(address)).map((host) => row("an IPv4 address", at(host), "denied")),
    ...DENIED_IPV6.map((address) => row("an IPv6 address", at(`[${address}]`), "denied")),
    ...DENIED_IPV6.map((address) => row("an IPv6 address in capitals", at(`[${address.toUpperCase()}]`), "denied")),
    ...LOCAL_NAMES.map((name) => row("a name of the local network", at(name), "denied")),
    ...SCHEMES.map((url) => row("another scheme", url, "invalid-url")),
    ...CREDENTIALS.map((url) => row("credentials", withPort(url, port), "invalid-url")),
    ...MALFORMED.map((url) => row("no proper URL", url, "invalid-url")),
    ...PORTS.filter((other) => other !== port).map((other) => row("another port", `http://site.example:${other}/`, "invalid-url")),
    ...[...DENIED_IPV4, ...DENIED_IPV6].flatMap((address) => [
      { ...row("a name that leads inside", at("inside.example"), "denied"), addresses: [address] },
      { ...row("a name with two faces", at("faces.example"), "denied"), addresses: ["9.9.9.9", address] },
      { ...row("a name with two faces, the other first", at("faces.example"), "denied"), addresses: [address, "2620:fe::fe"] },
    ]),
    { ...row("a name that leads to a link's address", at("inside.example"), "denied"), addresses: ["fe80::1%lo"] },
    { ...row("a name that leads to nonsense", at("inside.example"), "denied"), addresses: ["127.1"] },
  ];
}

function row(kind: string, url: string, fault: HostileUrl["fault"]): HostileUrl {
  return { kind, url, fault };
}

function withPort(url: string, port: number): string {
  return url.replace(/\/$/, `:${port}/`);
}
