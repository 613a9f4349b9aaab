/** A server that this user knows: a server used before, a bookmark, or both. */
import {type Address, isSameServer} from '../../protocol/address.ts';

export type KnownServer = {
  /** With the folder that was shown last. */
  readonly address: Address;
  /** The last use, in milliseconds since 1970; undefined if the server was never used. */
  readonly usedMs: number | undefined;
  /** The name of the bookmark; undefined if the server is not a bookmark. */
  readonly label: string | undefined;
};

/** Most recent servers that are remembered, besides bookmarks. */
export const mostRecent = 50;

/** `servers` after `address` was used. */
export function afterUse(
  servers: readonly KnownServer[],
  address: Address,
  usedMs: number,
): KnownServer[] {
  const known = servers.find(server => isSameServer(server.address, address));
  return bounded([{address, usedMs, label: known?.label}, ...without(servers, address)]);
}

/** `servers` with the server at `address` as the bookmark `label`, or as no bookmark. */
export function afterNaming(
  servers: readonly KnownServer[],
  address: Address,
  label: string | undefined,
): KnownServer[] {
  const known = servers.find(server => isSameServer(server.address, address));
  const named = {address, usedMs: undefined, ...known, label};
  // A server that was never used is in the list only for its bookmark.
  const isWorthKeeping = label !== undefined || named.usedMs !== undefined;
  return bounded([...(isWorthKeeping ? [named] : []), ...without(servers, address)]);
}

/** `servers` without the one at `address`. */
export function without(servers: readonly KnownServer[], address: Address): KnownServer[] {
  return servers.filter(server => !isSameServer(server.address, address));
}

/** All bookmarks, and the newest of the others. */
function bounded(servers: readonly KnownServer[]): KnownServer[] {
  const recent = servers
    .filter(({label}) => label === undefined)
    .toSorted((one, other) => (other.usedMs ?? 0) - (one.usedMs ?? 0))
    .slice(0, mostRecent);
  return [...servers.filter(({label}) => label !== undefined), ...recent];
}
