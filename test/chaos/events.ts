/** What can happen to a client, a server and the line between them. */
import {setTimeout as delay} from 'node:timers/promises';
import {blockSize} from '../../protocol/block.ts';
import type {CutKind, Link} from '../fixtures/proxy.ts';
import type {ClientRun} from './client-run.ts';
import type {Random} from './random.ts';
import type {Session} from './session.ts';

/** @returns what happened, in words; undefined if there was nothing that it could happen to. */
type Happening = (session: Session, run: ClientRun, random: Random) => Promise<string | undefined>;

/** What happens, and how often. */
export const usualWeights = {
  'client killed': 26,
  'client interrupted': 12,
  'server killed': 15,
  cut: 18,
  'cut in a frame': 16,
  stalled: 8,
  slow: 4,
  // Costs the 15 s after which a client takes a silent server for dead.
  'silent for ever': 2,
};
export type EventKind = keyof typeof usualWeights;
export type Weights = Readonly<Record<EventKind, number>>;

export const happenings: Readonly<Record<EventKind, Happening>> = {
  'client killed': async (_session, run) => {
    run.aboutToEnd();
    await run.program.kill();
    return `with ${run.linksAtEnd} connections`;
  },

  'client interrupted': async (_session, run, random) => {
    run.interrupted = true;
    run.aboutToEnd();
    run.program.signal('SIGINT');
    const twice = random.chance(0.3);
    if (twice) {
      await delay(random.between(0, 60));
      run.program.signal('SIGINT');
    }

    // It takes a second or three, on a machine that has nothing else to do.
    await run.program.end(60_000);
    return twice ? 'twice' : 'once';
  },

  'server killed': async (session, run, random) => {
    run.disturbed = true;
    const downMs = random.between(0, 1200);
    await session.killServer(downMs);
    return `for ${downMs} ms`;
  },

  cut: async ({proxy}, run, random) => {
    run.disturbed = true;
    const kind = cutKind(random);
    const links = random.chance(0.7) ? someLink(proxy.links, random) : proxy.links;
    for (const link of links) {
      proxy.cut(link, kind);
    }

    return links.length === 0 ? undefined : `${links.length} connections, ${kind}`;
  },

  'cut in a frame': async ({proxy}, run, random) => {
    const [link] = someLink(proxy.links, random);
    if (link === undefined) {
      return undefined;
    }

    run.disturbed = true;
    const direction = random.chance(0.85) ? 'down' : 'up';
    const bytes = random.chance(0.3) ? random.between(0, 60) : random.between(0, blockSize);
    const cut = proxy.cutAfter(link, direction, bytes, cutKind(random));
    await Promise.race([cut, run.program.ended, delay(3000)]);
    return link.ended ? `${direction}, after ${bytes} bytes` : undefined;
  },

  stalled: async (session, run, random) => {
    const {proxy} = session;
    const before = session.serverIsUp ? proxy.links.filter(isOpen) : [];
    const ms = random.chance(0.1) ? random.between(2000, 5000) : random.between(50, 1200);
    const pause = delay(ms);
    proxy.stall(pause);
    await pause;
    if (before.some(({ended}) => ended) && (await goesOn(session, run))) {
      throw new Error(`A stall of ${ms} ms has cost a connection: ${run.program.stderr}`);
    }

    return `for ${ms} ms`;
  },

  slow: async (session, _run, random) => {
    const rate = random.between(200_000, 3_000_000);
    const ms = random.between(100, 1000);
    session.proxy.bytesPerSecond = rate;
    await delay(ms);
    session.restoreLine();
    return `${rate} bytes/s for ${ms} ms`;
  },

  'silent for ever': async ({proxy}, run, random) => {
    const [link] = someLink(proxy.links, random);
    if (link === undefined) {
      return undefined;
    }

    run.disturbed = true;
    proxy.silence(link);
    return 'one connection';
  },
};

function cutKind(random: Random): CutKind {
  return random.pick(['reset', 'end']);
}

/** One of `links`, or none if there is none. */
function someLink(links: readonly Link[], random: Random): readonly Link[] {
  return links.length === 0 ? [] : [random.pick(links)];
}

/**
 * Whether a client that has closed connections makes others. One that had received all before closes
 * them too, but then it ends, which takes a busy machine a while.
 */
async function goesOn({proxy}: Session, run: ClientRun): Promise<boolean> {
  const last = Math.max(0, ...proxy.links.map(({id}) => id));
  while (!run.isOver) {
    if (/lost/.test(run.program.stderr) || proxy.links.some(({id}) => id > last)) {
      return true;
    }

    await delay(5);
  }

  return false;
}

function isOpen({client, server}: Link): boolean {
  return client.readyState === 'open' && server.readyState === 'open';
}
