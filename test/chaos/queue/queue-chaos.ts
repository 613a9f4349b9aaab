/**
 * Two clients work on one queue while random events kill and stop the worker, the companion and the server, disturb the
 * line, and users change transfers. No wish is lost, no process works beside the worker, and at the end every file has
 * arrived.
 */
import {setTimeout as delay} from 'node:timers/promises';
import {Random} from '../random.ts';
import {happenings, type QueueEventKind, type QueueWeights} from './queue-events.ts';
import type {QueueTally} from './queue-tally.ts';
import {TwoClients, type TwoClientsOptions} from './two-clients.ts';
import {wishes} from './wishes.ts';

type QueueChaosOptions = TwoClientsOptions & {
  events: number;
  /** How often each event happens. */
  weights: QueueWeights;
};

/** Run until `events` have happened, then once undisturbed. @throws if a promise is broken. */
export async function queueChaos(options: QueueChaosOptions): Promise<QueueTally> {
  const clients = await TwoClients.start(options);
  const {tally} = clients;
  let index = 0;
  try {
    while (tally.eventCount < options.events) {
      await oneEvent(clients, options, ++index);
    }

    await toTheEnd(clients);
    return tally;
  } catch (error) {
    throw new Error(`Seed ${options.seed}, event ${tally.eventCount} (draw ${index})`, {
      cause: error,
    });
  } finally {
    await clients[Symbol.asyncDispose]();
  }
}

async function oneEvent(
  clients: TwoClients,
  {seed, weights}: QueueChaosOptions,
  index: number,
): Promise<void> {
  const random = new Random(seed, index);
  const kind = kindOf(clients, random, weights);
  await momentToStrike(clients, random);
  const what = await happenings[kind](clients, random);
  if (what !== undefined) {
    clients.tally.addEvent(kind);
    clients.log(`${String(clients.tally.eventCount).padStart(6)}  ${kind}: ${what}`);
  }

  clients.refuse();
  clients.folders.check();
  clients.expected.check(clients.view.transfers());
  await clients.nextRound();
}

/** If only paused or canceled transfers are left, let them continue. */
function kindOf(clients: TwoClients, random: Random, weights: QueueWeights): QueueEventKind {
  const kind = random.weighted(weights);
  const counts = clients.counts();
  return clients.isOpen
    ? kind
    : counts.has('paused')
      ? 'resume'
      : counts.has('canceled')
        ? 'retry'
        : kind;
}

/** Usually after some more bytes; sometimes at any moment. */
async function momentToStrike({served: {meter}}: TwoClients, random: Random): Promise<void> {
  const goal = meter.blockBytes + (random.chance(0.7) ? random.between(1, 6e6) : 0);
  const deadline = performance.now() + 1000;
  while (meter.blockBytes < goal && performance.now() < deadline) {
    await delay(2);
  }

  await delay(random.between(0, 300));
}

/** Whatever has happened, every file arrives once all transfers may continue, and then nothing is left to do. */
async function toTheEnd(clients: TwoClients): Promise<void> {
  const {served, view} = clients;
  await served.serverUp();
  served.lineRate = Number.POSITIVE_INFINITY;
  served.restoreLine();
  const random = new Random(0);
  await wishes.resume(clients, random);
  await wishes.retry(clients, random);
  const allDone = () => [...view.states().values()].every(state => state === 'done');
  await clients.until(allDone, 'all is done');
  await clients.letEnd();
  clients.expected.check(await clients.list());
  clients.folders.checkComplete();
  const before = served.meter.blockBytes;
  const {status, stderr} = await clients.say('run');
  if (
    status !== 0 ||
    !stderr.includes('The queue has nothing to fetch') ||
    served.meter.blockBytes > before
  ) {
    throw new Error(`Something was left to do after all was done: ${status} ${stderr}`);
  }
}
