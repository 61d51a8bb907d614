/**
 * Whether a credential that is meant for `base` may go to `url` as well: it is of the same origin, or both are served by https from hosts of the same vendor.
 * An operator's own address is nobody's domain, so from there nothing leads elsewhere.
 * @param domains The vendor's, such as `bfl.ai`.
 */
export function mayFollow(base: string, url: string, domains: readonly string[]): boolean {
  const [from, to] = [URL.parse(base), URL.parse(url)];
  if (from === null || to === null || to.username !== "" || to.password !== "") return false;
  if (from.origin === to.origin) return true;
  const isOf = ({ protocol, port, hostname }: URL, domain: string): boolean =>
    protocol === "https:" && port === "" && (hostname === domain || hostname.endsWith(`.${domain}`));
  return domains.some((domain) => isOf(from, domain) && isOf(to, domain));
}
