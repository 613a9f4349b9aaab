/**
 * Downloads a tree while random events kill the client and the server, cut, silence or slow down the line, and damage
 * partial files. At every moment, each file with a final name is right. At the end every file has arrived.
 *
 * A seed decides the events, and each event has random numbers of its own. The seed does not decide what the programs do
 * at the moment of an event, so a seed repeats a run closely, but not exactly.
 */
import {setTimeout as delay} from 'node:timers/promises';
import {Random} from '../random.ts';
import {happenings, type Weights} from './events.ts';
import {Session, type SessionOptions} from './session.ts';
import type {Tally} from './tally.ts';

type ChaosOptions = SessionOptions & {
  events: number;
  /** How often each event happens. */
  weights: Weights;
};

/** Run until `events` have happened, then once undisturbed. @throws if a promise is broken. */
export async function chaos(options: ChaosOptions): Promise<Tally> {
  const session = await Session.start(options);
  let index = 0;
  try {
    while (session.tally.eventCount < options.events) {
      await oneEvent(session, options, ++index);
    }

    await lastRuns(session);
    return session.tally;
  } catch (error) {
    throw new Error(`Seed ${options.seed}, event ${session.tally.eventCount} (draw ${index})`, {
      cause: error,
    });
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

async function oneEvent(session: Session, options: ChaosOptions, index: number): Promise<void> {
  const random = new Random(options.seed, index);
  const kind = random.weighted(options.weights);
  const run = session.client();
  await momentToStrike(session, random);
  if (!run.isOver) {
    const what = await happenings[kind](session, run, random);
    if (what !== undefined) {
      session.tally.addEvent(kind);
      session.log(`${String(session.tally.eventCount).padStart(6)}  ${kind}: ${what}`);
    }
  }

  session.target.check();
  session.settle();
  if (run.isOver) {
    if (random.chance(0.4)) {
      const done = session.damage(random);
      session.log(`         damaged: ${done.join(', ') || 'no partial is there'}`);
    }

    await delay(random.between(0, 300));
  }
}

/** Usually after some more bytes; sometimes at any moment, for example while the client starts. */
async function momentToStrike(session: Session, random: Random): Promise<void> {
  const {program} = session.client();
  const {meter} = session.served;
  const bytes = random.chance(0.8) ? random.between(1, 12e6) : 0;
  const goal = meter.blockBytes + bytes;
  const deadline = performance.now() + 3000;
  while (meter.blockBytes < goal && program.ending === undefined && performance.now() < deadline) {
    await delay(2);
  }

  await Promise.race([delay(random.between(0, bytes > 0 ? 30 : 600)), program.ended]);
}

/** Whatever has happened, one undisturbed run completes the tree, and the next run finds nothing to do. */
async function lastRuns(session: Session): Promise<void> {
  const {tally, target} = session;
  const {meter, proxy, tree} = session.served;
  const disturbed = session.client();
  disturbed.aboutToEnd();
  await disturbed.program.kill();
  session.settle();
  await session.served.serverUp();
  proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
  for (const fetchesNothing of [false, true]) {
    const before = meter.blockBytes;
    await session.client().program.end(60_000);
    session.settle({keep: true});
    target.checkComplete();
    if (fetchesNothing && meter.blockBytes > before) {
      throw new Error('Blocks were fetched although everything was there');
    }
  }

  if (tally.usefulBytes !== tally.neededBytes(tree.bytes)) {
    throw new Error(`${tally.usefulBytes} bytes arrived, not ${tally.neededBytes(tree.bytes)}`);
  }
}
