/** Events for two clients of one queue. */
import {setTimeout as delay} from 'node:timers/promises';
import {type LineEventKind, lineEvents} from '../line-events.ts';
import type {Random} from '../random.ts';
import type {TwoClients} from './two-clients.ts';
import {type WishKind, wishes} from './wishes.ts';

/** @returns what happened, in words; undefined if the event was not possible. */
type Happening = (clients: TwoClients, random: Random) => Promise<string | undefined>;

/** How often each event happens. */
export const usualWeights = {
  ...{'worker killed': 18, 'companion killed': 7, 'both killed': 5, interrupted: 7},
  'worker stopped': 7,
  // Longer than a command waits for an answer, which is 10 s.
  'stopped for long': 1,
  ...{'server killed': 6, cut: 7, 'cut in a frame': 6, stalled: 2, slow: 2},
  ...{pause: 8, resume: 8, priority: 6, move: 6, limits: 5, cancel: 7, retry: 6, add: 4},
};
export type QueueEventKind = keyof typeof usualWeights;
export type QueueWeights = Readonly<Record<QueueEventKind, number>>;

export const happenings: Readonly<Record<QueueEventKind, Happening>> = {
  'worker killed': async (clients, random) => {
    if (random.chance(0.8)) {
      await bothThere(clients);
    }

    return await killWorker(clients);
  },

  'companion killed': async clients => {
    const {companion} = clients;
    await companion?.program.kill();
    return companion === undefined ? undefined : 'while the other works';
  },

  'both killed': async clients => {
    const {runs} = clients;
    await Promise.all(runs.map(({program}) => program.kill()));
    return runs.length === 0 ? undefined : `${runs.length} clients`;
  },

  interrupted: async (clients, random) => {
    const {runs, worker, companion} = clients;
    const run = runs.length === 0 ? undefined : random.pick(runs);
    if (run === undefined) {
      return undefined;
    }

    run.interrupted = true;
    run.program.signal('SIGINT');
    await run.program.end(60_000);
    if (run === worker && companion !== undefined) {
      const isTaken = await clients.takenOver(companion);
      return `the worker; ${isTaken ? 'the other took over' : 'nothing was left'}`;
    }

    return run === worker ? 'the worker' : 'the companion';
  },

  'worker stopped': async (clients, random) => {
    const ms = random.chance(0.3) ? random.between(1500, 4000) : random.between(200, 1200);
    return await stopWorker(clients, random, ms, random.chance(0.5));
  },
  'stopped for long': (clients, random) => stopWorker(clients, random, 14_000, true),

  'server killed': onLine('server killed'),
  cut: onLine('cut'),
  'cut in a frame': onLine('cut in a frame'),
  stalled: onLine('stalled'),
  slow: onLine('slow'),

  pause: wish('pause'),
  resume: wish('resume'),
  priority: wish('priority'),
  move: wish('move'),
  limits: wish('limits'),
  cancel: wish('cancel'),
  retry: wish('retry'),
  add: wish('add'),
};

/** Resolves when one client works and the other waits, or nothing is left to do. */
async function bothThere(clients: TwoClients): Promise<void> {
  const areThere = () => clients.worker !== undefined && clients.companion !== undefined;
  await clients.until(() => areThere() || !clients.isOpen, 'two clients are there');
}

/** Kill the worker: within a moment the companion is the worker. */
async function killWorker(clients: TwoClients): Promise<string | undefined> {
  const {worker, companion} = clients;
  if (worker === undefined) {
    return undefined;
  }

  const startMs = performance.now();
  worker.program.signal('SIGKILL');
  if (companion === undefined || !(await clients.takenOver(companion))) {
    await worker.program.end(30_000);
    return companion === undefined ? 'it was alone' : 'nothing was left';
  }

  const ms = performance.now() - startMs;
  clients.tally.addTakeover(ms);
  await worker.program.end(30_000);
  return `the other took over after ${Math.round(ms)} ms`;
}

/** A stopped worker keeps the queue: no other process takes over. If it is killed meanwhile, it loses the queue. */
async function stopWorker(
  clients: TwoClients,
  random: Random,
  ms: number,
  isSpokenTo: boolean,
): Promise<string | undefined> {
  const {worker} = clients;
  if (worker === undefined) {
    return undefined;
  }

  worker.program.signal('SIGSTOP');
  let said: Promise<string | undefined> | undefined;
  try {
    const before = await atRest(clients);
    said = isSpokenTo ? wishes[anyWish(random)](clients, random) : undefined;
    said?.catch(() => undefined);
    await delay(ms);
    if (clients.everything() !== before && !worker.isOver) {
      throw new Error('Somebody works on the queue while its worker is stopped');
    }
  } finally {
    if (random.chance(0.2)) {
      worker.program.signal('SIGKILL');
    }

    clients.expected.wentOn();
    worker.program.signal('SIGCONT');
  }

  const what = await said;
  return `for ${ms} ms${what === undefined ? '' : `; meanwhile ${what}`}`;
}

/** Resolves when nothing has changed for a moment: a signal needs a moment to reach every thread. */
async function atRest(clients: TwoClients): Promise<string> {
  let last = '';
  await clients.until(() => {
    const now = clients.everything();
    const isSame = now === last;
    last = now;
    return isSame;
  }, 'a worker that is stopped rests');
  return last;
}

/** Only wishes that need the worker. `add`, for example, changes rows without it. */
function anyWish(random: Random): WishKind {
  return random.pick(['pause', 'resume', 'priority', 'move', 'cancel', 'retry', 'limits']);
}

function onLine(kind: LineEventKind): Happening {
  return ({served, runs}, random) => lineEvents[kind](served, runs, random);
}

/** Sends a wish, sometimes while the worker is killed. */
function wish(kind: WishKind): Happening {
  return async (clients, random) => {
    const isKilled = random.chance(0.3);
    const said = wishes[kind](clients, random);
    said.catch(() => undefined);
    if (isKilled) {
      await delay(random.between(0, 400));
      clients.worker?.program.signal('SIGKILL');
    }

    const what = await said;
    return isKilled && what !== undefined ? `${what}; the worker was killed meanwhile` : what;
  };
}
