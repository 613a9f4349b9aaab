/**
 * Downloads a tree from three servers behind HAProxy while random events kill, stop and restart the servers, rewrite files
 * and kill the client. At every moment, each file with a final name is a version of its file. At the end the client has
 * the present version of every file, and the servers have no file open.
 */
import {readdirSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {ThreeServers} from '../../engines/three-servers.ts';
import {until} from '../../fixtures/harness.ts';
import {Random} from '../random.ts';
import type {TreeOptions} from '../tree.ts';
import {ChangingTree} from './changing-tree.ts';
import {ClientRuns} from './client-runs.ts';
import {happenings, type Scene, type Weights} from './server-events.ts';
import {ServersTally} from './servers-tally.ts';

type ServersChaosOptions = {
  /** An empty folder, for all files except the served ones. */
  folder: string;
  /** The folder of each server. All of them show the same files. */
  roots: readonly string[];
  seed: number;
  events: number;
  tree: TreeOptions;
  weights: Weights;
  log(line: string): void;
};

/** Run until `events` have happened, then once undisturbed. @throws if a promise is broken. */
export async function serversChaos(options: ServersChaosOptions): Promise<ServersTally> {
  const {folder, roots, seed} = options;
  const tally = new ServersTally();
  const tree = new ChangingTree(roots[0] ?? '', seed, options.tree);
  tally.bytesServed = tree.bytes;
  await using cluster = await ThreeServers.start(folder, roots);
  await using clients = new ClientRuns(cluster, tree, join(folder, 'target'), tally);
  const scene: Scene = {cluster, tree, clients};
  let draw = 0;
  try {
    while (tally.eventCount < options.events) {
      const random = new Random(seed, ++draw);
      const kind = random.weighted(options.weights);
      clients.beAtWork(random);
      await delay(random.between(0, 700));
      const what = await happenings[kind](scene, random);
      if (what !== undefined) {
        tally.events.set(kind, (tally.events.get(kind) ?? 0) + 1);
        options.log(`${String(tally.eventCount).padStart(6)}  ${kind}: ${what}`);
      }

      tree.check(clients.target);
      clients.settle();
    }

    await allRun(cluster);
    await clients.finish();
    await leavesNothingOpen(cluster, roots);
  } catch (error) {
    throw new Error(`Seed ${seed}, event ${tally.eventCount} (draw ${draw}): ${error}`, {
      cause: error,
    });
  }

  tally.bytesReceived = (await cluster.haproxy.stats()).bytesOut;
  return tally;
}

async function allRun(cluster: ThreeServers): Promise<void> {
  for (const index of [0, 1, 2].filter(one => !cluster.running.includes(one))) {
    await cluster.startServer(index);
  }
}

/** @throws unless servers close the files that no client reads any more. */
async function leavesNothingOpen(cluster: ThreeServers, roots: readonly string[]): Promise<void> {
  for (const index of cluster.running) {
    const inside = `${roots[index]}/`;
    await until(() => !openPaths(cluster.pid(index)).some(path => path.startsWith(inside)), 30_000);
  }
}

function openPaths(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap(name => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      // The descriptor was closed meanwhile.
      return [];
    }
  });
}
