import { addressGroup } from "./address-group.ts";
import { ANONYMOUS, type Caller } from "./caller.ts";

/**
 * Whose something is that is kept for a caller: its key's. Who came without a key is told by the address, so that strangers do not share.
 * @param address The client's; empty if it is not known.
 */
export function tenantOf({ keyId }: Caller, address: string): string {
  return keyId === ANONYMOUS.keyId ? `${keyId} ${addressGroup(address)}` : keyId;
}
