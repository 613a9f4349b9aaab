/** What can happen to a client, a server and the line between them. */
import {setTimeout as delay} from 'node:timers/promises';
import type {Link} from '../../fixtures/proxy.ts';
import {type LineEventKind, lineEvents, someLink} from '../line-events.ts';
import type {Random} from '../random.ts';
import type {ClientRun} from './client-run.ts';
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
type EventKind = keyof typeof usualWeights;
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

  'server killed': onLine('server killed'),
  cut: onLine('cut'),
  'cut in a frame': onLine('cut in a frame'),
  slow: onLine('slow'),

  stalled: async (session, run, random) => {
    const {served} = session;
    const before = served.serverIsUp ? served.proxy.links.filter(isOpen) : [];
    const what = await lineEvents.stalled(served, [run], random);
    if (before.some(({ended}) => ended) && (await goesOn(session, run))) {
      throw new Error(`Being stalled ${what} has cost a connection: ${run.program.stderr}`);
    }

    return what;
  },

  'silent for ever': async ({served: {proxy}}, run, random) => {
    const [link] = someLink(proxy.links, random);
    if (link === undefined) {
      return undefined;
    }

    run.disturbed = true;
    proxy.silence(link);
    return 'one connection';
  },
};

function onLine(kind: LineEventKind): Happening {
  return ({served}, run, random) => lineEvents[kind](served, [run], random);
}

/**
 * Whether a client that has closed connections makes others. One that had received all before closes
 * them too, but then it ends, which takes a busy machine a while.
 */
async function goesOn({served: {proxy}}: Session, run: ClientRun): Promise<boolean> {
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
