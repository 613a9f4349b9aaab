/**
 * The limits of a caller's client, which queues change while they are open. A queue gives back only what it has set itself,
 * and what nobody has changed since.
 */
import type {Client} from '../client/client.ts';

/** Connections, and bytes a second; undefined: no limit. */
type ClientLimits = {connections: number; bytesPerSecond: number | undefined};

/** `former`: what the client had before the queue. `ours`: the limits of the queue now. */
type Use = {former: ClientLimits; ours: () => ClientLimits};

/** The open queues of each client, the oldest first. */
const uses = new WeakMap<Client, Use[]>();

/** Remember the limits of `client` before a queue sets its own. @returns a function that gives them back. */
export function rememberLimits(client: Client, ours: () => ClientLimits): () => void {
  const {connections, bytesPerSecond} = client;
  const use = {former: {connections, bytesPerSecond}, ours};
  const all = uses.get(client) ?? [];
  uses.set(client, all);
  all.push(use);
  return () => {
    const later = all.slice(all.indexOf(use) + 1);
    all.splice(all.indexOf(use), 1);
    giveBack('connections', client, use, later);
    giveBack('bytesPerSecond', client, use, later);
  };
}

function giveBack<Name extends keyof ClientLimits>(
  name: Name,
  client: ClientLimits,
  {former, ours}: Use,
  later: readonly Use[],
): void {
  const {[name]: set} = ours();
  const next = later.find(use => use.former[name] === set);
  if (next !== undefined) {
    // The later queue has taken the limit of this one for that of the caller.
    next.former[name] = former[name];
  }

  if (client[name] === set && later.every(use => use.ours()[name] !== set)) {
    client[name] = former[name];
  }
}
