/** Commands of users about the transfers of a queue, and what must hold after each. */

import {endOf} from '../../fixtures/json-output.ts';
import type {Random} from '../random.ts';
import type {Listed} from './expected.ts';
import type {Answer, TwoClients} from './two-clients.ts';

export type WishKind =
  | 'pause'
  | 'resume'
  | 'priority'
  | 'move'
  | 'limits'
  | 'cancel'
  | 'retry'
  | 'add';

/** @returns the command and its result, in words; undefined if no transfer was suitable. */
type SayIt = (clients: TwoClients, random: Random) => Promise<string | undefined>;

export const wishes: Readonly<Record<WishKind, SayIt>> = {
  pause: async (clients, random) => {
    const ids = random.chance(0.4) ? ['all'] : someIds(clients, random, ['queued', 'running']);
    if (ids.length === 0) {
      return undefined;
    }

    return await order(clients, ['pause', ...ids], async (rows, obeyed) => {
      refuseStates(rows, ids[0] === 'all' ? 'all' : obeyed, ['queued', 'running']);
      clients.expected.hold(rows.filter(isIn(obeyed)), clients.view.workerPid);
    });
  },

  resume: async clients => {
    const paused = clients.expected.heldAs('paused');
    clients.expected.release(paused);
    return await order(clients, ['resume', 'all'], async rows => {
      refuseStates(rows, 'all', ['paused']);
    });
  },

  priority: async (clients, random) => {
    const ids = random.chance(0.2) ? ['all'] : someIds(clients, random, ['queued', 'running']);
    const priority = random.pick(['high', 'normal', 'low']);
    if (ids.length === 0) {
      return undefined;
    }

    return await order(clients, ['priority', priority, ...ids], async (_rows, obeyed) => {
      clients.expected.prioritized(obeyed, priority);
    });
  },

  move: async (clients, random) => {
    const [id] = someIds(clients, random, ['queued', 'running', 'paused']);
    if (id === undefined) {
      return undefined;
    }

    const by = random.pick([-random.between(1, 300), random.between(1, 300), -1, 1]);
    const before = await clients.list();
    clients.expected.moved(Number(id));
    return await order(clients, ['move', id, String(by)], async (rows, _obeyed, answer) => {
      checkPlace(before, rows, answer);
    });
  },

  limits: async (clients, random) => {
    const files = random.between(1, 8);
    const connectionsPerFile = random.between(1, 6);
    const words = ['--files', String(files), '--connections', String(connectionsPerFile)];
    return await order(clients, ['limits', ...words], async () => {
      const {stdout} = await clients.say('limits');
      const limits = {files, connectionsPerFile, bytesPerSecond: null};
      const stored = endOf(stdout);
      if (Object.entries(limits).some(([name, value]) => stored[name] !== value)) {
        throw new Error(`The limits are ${stdout}, not ${JSON.stringify(limits)}`);
      }
    });
  },

  cancel: async (clients, random) => {
    const ids = someIds(clients, random, ['queued', 'running', 'paused']);
    if (ids.length === 0) {
      return undefined;
    }

    clients.expected.release(ids.map(Number));
    const words = random.chance(0.3) ? ['--delete-partial'] : [];
    return await order(clients, ['cancel', ...ids, ...words], async (rows, obeyed) => {
      refuseStates(rows, obeyed, ['queued', 'running', 'paused']);
      clients.expected.hold(rows.filter(isIn(obeyed)), clients.view.workerPid);
    });
  },

  retry: async clients => {
    const ids = clients.expected.heldAs('canceled');
    if (ids.length === 0) {
      return undefined;
    }

    clients.expected.release(ids);
    return await order(clients, ['retry', ...ids.map(String)], async (rows, obeyed) => {
      refuseStates(rows, obeyed, ['canceled']);
    });
  },

  add: async (clients, random) => {
    const part = random.pick(['small', 'odd', 'médio']);
    const priority = random.pick(['high', 'normal', 'low']);
    return await clients.add(part, ['--priority', priority]);
  },
};

/**
 * Run the command. Check that its promise holds as soon as the command says so, or, if the command only stored the wish,
 * as soon as the worker has carried it out.
 */
async function order(
  clients: TwoClients,
  words: readonly string[],
  holds: (rows: readonly Listed[], obeyed: readonly number[], answer: Answer) => Promise<void>,
): Promise<string> {
  const answer = await clients.say(...words);
  const {status, stdout, stderr} = answer;
  const what = words.length > 12 ? `${words.slice(0, 12).join(' ')} …` : words.join(' ');
  if (/cannot be used|cannot be opened/.test(stderr)) {
    clients.tally.wishes.refused++;
    return `${what}: ${stderr.trim()}`;
  }

  if (status !== 0 && !/is (?:done|canceled|failed|paused|queued), and cannot be/.test(stderr)) {
    throw new Error(`${what} ended with ${status}: ${stderr}`);
  }

  let obeyed = (endOf(stdout) as {ids?: number[]}).ids ?? [];
  const isLate = stderr.includes('does not answer');
  clients.tally.wishes[isLate ? 'written down' : 'carried out']++;
  if (isLate) {
    await clients.until(() => clients.view.openWishes === 0, 'what was written down is done');
    obeyed = words.map(Number).filter(Number.isInteger);
  }

  await holds(await clients.list(), obeyed, answer);
  return `${what}: ${isLate ? 'written down' : stdout.trim().slice(0, 60)}`;
}

/** @throws if one of `ids` is in one of `states`. */
function refuseStates(
  rows: readonly Listed[],
  ids: 'all' | readonly number[],
  states: readonly string[],
): void {
  const wrong = rows
    .filter(row => ids === 'all' || isIn(ids)(row))
    .filter(({state}) => states.includes(state));
  if (wrong.length > 0) {
    const some = wrong.slice(0, 5).map(({id, state}) => `${id} is ${state}`);
    throw new Error(`What was said does not hold for ${wrong.length}: ${some.join(', ')}`);
  }
}

/** Other transfers may have become done since the answer, so fewer open ones may be in front. */
function checkPlace(before: readonly Listed[], after: readonly Listed[], {stdout}: Answer): void {
  const {id, place, of} = endOf(stdout) as {id: number; place?: number; of: number};
  if (place === undefined) {
    return;
  }

  const priority = after.find(row => row.id === id)?.priority;
  const group = after.filter(row => row.priority === priority);
  const inFront = group.slice(
    0,
    group.findIndex(row => row.id === id),
  );
  const openInFront = inFront.filter(({state}) => isOpen(state)).length;
  const most = before.filter(row => row.priority === priority).length;
  if (openInFront > place - 1 || inFront.length < place - 1 || of > most) {
    throw new Error(`Transfer ${id} has ${openInFront} in front of it, and is ${place} of ${of}`);
  }
}

/** The ids of a few transfers in one of `states`, which follow each other in the queue. */
function someIds(clients: TwoClients, random: Random, states: readonly string[]): string[] {
  const ids = [...clients.view.states()].filter(([, state]) => states.includes(state));
  const first = random.between(0, Math.max(0, ids.length - 1));
  return ids.slice(first, first + random.between(1, 20)).map(([id]) => String(id));
}

function isIn(ids: readonly number[]): (row: Listed) => boolean {
  const set = new Set(ids);
  return ({id}) => set.has(id);
}

function isOpen(state: string): boolean {
  return state === 'queued' || state === 'running' || state === 'paused';
}
