/** Events for a server, and for the line between it and its clients. */
import {setTimeout as delay} from 'node:timers/promises';
import {blockSize} from '../../protocol/block.ts';
import type {CutKind, Link} from '../fixtures/proxy.ts';
import type {RunningProgram} from './program.ts';
import type {Random} from './random.ts';
import type {ServedTree} from './served-tree.ts';

/** A client that the event may disturb. */
type Sufferer = {
  readonly program: RunningProgram;
  /** Whether the server or the line gave the client a reason to lose a connection. */
  disturbed: boolean;
};

/** @returns what happened, in words; undefined if the event was not possible. */
type LineEvent = (
  served: ServedTree,
  clients: readonly Sufferer[],
  random: Random,
) => Promise<string | undefined>;

export type LineEventKind = 'server killed' | 'cut' | 'cut in a frame' | 'stalled' | 'slow';

export const lineEvents: Readonly<Record<LineEventKind, LineEvent>> = {
  'server killed': async (served, clients, random) => {
    disturb(clients);
    const downMs = random.between(0, 1200);
    await served.killServer(downMs);
    return `for ${downMs} ms`;
  },

  cut: async ({proxy}, clients, random) => {
    disturb(clients);
    const kind = cutKind(random);
    const links = random.chance(0.7) ? someLink(proxy.links, random) : proxy.links;
    for (const link of links) {
      proxy.cut(link, kind);
    }

    return links.length === 0 ? undefined : `${links.length} connections, ${kind}`;
  },

  'cut in a frame': async ({proxy}, clients, random) => {
    const [link] = someLink(proxy.links, random);
    if (link === undefined) {
      return undefined;
    }

    disturb(clients);
    const direction = random.chance(0.85) ? 'down' : 'up';
    const bytes = random.chance(0.3) ? random.between(0, 60) : random.between(0, blockSize);
    const cut = proxy.cutAfter(link, direction, bytes, cutKind(random));
    await Promise.race([cut, delay(3000), ...clients.map(({program}) => program.ended)]);
    return link.ended ? `${direction}, after ${bytes} bytes` : undefined;
  },

  stalled: async ({proxy}, _clients, random) => {
    const ms = random.chance(0.1) ? random.between(2000, 5000) : random.between(50, 1200);
    const pause = delay(ms);
    proxy.stall(pause);
    await pause;
    return `for ${ms} ms`;
  },

  slow: async (served, _clients, random) => {
    const rate = random.between(200_000, 3_000_000);
    const ms = random.between(100, 1000);
    served.proxy.bytesPerSecond = rate;
    await delay(ms);
    served.restoreLine();
    return `${rate} bytes/s for ${ms} ms`;
  },
};

/** One of `links`; an empty list if there are none. */
export function someLink(links: readonly Link[], random: Random): readonly Link[] {
  return links.length === 0 ? [] : [random.pick(links)];
}

function disturb(clients: readonly Sufferer[]): void {
  for (const client of clients) {
    client.disturbed = true;
  }
}

function cutKind(random: Random): CutKind {
  return random.pick(['reset', 'end']);
}
