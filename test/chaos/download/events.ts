/** Events for a client, a server and the line between them. */
import {setTimeout as delay} from 'node:timers/promises';
import type {Link} from '../../fixtures/proxy.ts';
import {type LineEventKind, lineEvents, someLink} from '../line-events.ts';
import type {Random} from '../random.ts';
import type {ClientRun} from './client-run.ts';
import type {Session} from './session.ts';

/** @returns what happened, in words; undefined if the event was not possible. */
type Happening = (session: Session, run: ClientRun, random: Random) => Promise<string | undefined>;

/** How often each event happens. */
export const usualWeights = {
  'client killed': 26,
  'client interrupted': 12,
  'server killed': 15,
  cut: 18,
  'cut in a frame': 16,
  stalled: 8,
  slow: 4,
  // This takes the 15 s after which a client treats a silent server as dead.
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

    // This takes one to three seconds on an idle machine.
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
 * Whether a client that has closed connections opens others. A client that has received everything also closes its
 * connections, but then it ends, which takes a while on a busy machine.
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
