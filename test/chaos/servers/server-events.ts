/** Events for three servers, for their files, and for their client. */
import {setTimeout as delay} from 'node:timers/promises';
import type {ThreeServers} from '../../engines/three-servers.ts';
import type {Random} from '../random.ts';
import type {ChangingTree} from './changing-tree.ts';
import type {ClientRuns} from './client-runs.ts';

export type Scene = {cluster: ThreeServers; tree: ChangingTree; clients: ClientRuns};

/** @returns what happened, in words; undefined if the event was not possible. */
type Happening = (scene: Scene, random: Random) => Promise<string | undefined>;

/** How often each event happens. */
export const usualWeights = {
  'server killed': 20,
  'server started': 26,
  'server asked to stop': 12,
  'server stopped for a while': 12,
  'all servers gone': 3,
  'file rewritten': 15,
  'client killed': 12,
};
type EventKind = keyof typeof usualWeights;
export type Weights = Readonly<Record<EventKind, number>>;

export const happenings: Readonly<Record<EventKind, Happening>> = {
  'server killed': async ({cluster, clients}, random) => {
    const index = oneOfSeveral(cluster, random);
    if (index === undefined) {
      return undefined;
    }

    clients.disturb();
    await cluster.kill(index);
    return `${index}`;
  },

  'server started': async ({cluster}, random) => {
    const gone = [0, 1, 2].filter(index => !cluster.running.includes(index));
    if (gone.length === 0) {
      return undefined;
    }

    const index = random.pick(gone);
    await cluster.startServer(index);
    return `${index}`;
  },

  'server asked to stop': async ({cluster, clients}, random) => {
    const index = oneOfSeveral(cluster, random);
    if (index === undefined) {
      return undefined;
    }

    clients.disturb();
    await cluster.drain(index);
    return `${index}`;
  },

  'server stopped for a while': async ({cluster, clients}, random) => {
    const index = random.pick(cluster.running);
    const ms = random.between(200, 1000);
    clients.disturb();
    cluster.signal(index, 'SIGSTOP');
    await delay(ms);
    cluster.signal(index, 'SIGCONT');
    return `${index} for ${ms} ms`;
  },

  'all servers gone': async ({cluster, clients}, random) => {
    const ms = random.between(0, 1500);
    clients.disturb();
    await Promise.all(cluster.running.map(index => cluster.kill(index)));
    await delay(ms);
    await cluster.startServer(random.between(0, 2));
    return `for ${ms} ms`;
  },

  'file rewritten': async ({tree}, random) => tree.rewrite(random),

  'client killed': async ({clients}) => ((await clients.kill()) ? 'at work' : undefined),
};

/** One of the running servers; undefined if only one runs. */
function oneOfSeveral({running}: ThreeServers, random: Random): number | undefined {
  return running.length > 1 ? random.pick(running) : undefined;
}
