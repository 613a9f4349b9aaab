/**
 * Compares the full screen with a long queue and with an empty one: time until it shows the total, time until it has read
 * all rows, and resident memory.
 *
 *     npm run build && node bench/queue.ts --transfers 1000000 --rounds 3
 */
import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {parseAddress} from '../protocol/address.ts';
import {parseRemotePath} from '../protocol/remote-path.ts';
import {QueueStore} from '../source/transfers/database/queue-store.ts';
import {formatCount} from '../source/tui/text/format.ts';
import {Terminal} from '../test/fixtures/terminal.ts';
import {built, startJangada} from './peers/jangada.ts';
import {log, printRows} from './report/lines.ts';
import {median} from './report/statistics.ts';
import {chooseFolder, makeFolder} from './running/places.ts';
import {stopDaemon} from './running/process.ts';
import {peakMB, residentMB} from './running/usage.ts';

type Opened = {totalS: number; allS: number; residentMB: number; peakMB: number};

/** How many transfers to add at once. */
const slice = 10_000;

/** Wait for so long, until the garbage of the start is collected. */
const settleMs = 2000;

const longestMs = 120_000;

/** Bytes of a transfer in the database; a generous estimate. */
const transferCost = 1024;

/** Each round opens both queues. */
async function main(): Promise<void> {
  const {transfers, rounds} = readOptions();
  using folder = makeFolder(chooseFolder(transfers * transferCost));
  const source = path.join(folder.path, 'source');
  mkdirSync(source);
  const {child, address} = await startJangada(source);
  try {
    const {host, port} = parseAddress(address);
    const queues = [0, transfers].map(count => {
      const state = path.join(folder.path, `queue of ${count}`);
      log(`Making a queue of ${count} transfers`);
      fillQueue(state, `${host}:${port}`, count);
      return {count, state, opened: [] as Opened[]};
    });
    for (let round = 1; round <= rounds; round++) {
      for (const {count, state, opened} of queues) {
        log(`queue, round ${round} of ${rounds}: ${count} transfers`);
        opened.push(await openQueue(address, state, count));
      }
    }

    const [empty] = queues;
    printRows(`Opening a queue of ${transfers} transfers in the full screen`, [
      ['transfers', 'total s', '+ s', 'all read s', 'resident MB', '+ MB', 'peak MB', '+ MB'],
      ...queues.map(({count, opened}) => {
        const of = (name: keyof Opened) => median(opened.map(one => one[name]));
        const more = (name: keyof Opened) =>
          of(name) - median(empty?.opened.map(one => one[name]) ?? []);
        return [
          String(count),
          of('totalS').toFixed(2),
          more('totalS').toFixed(2),
          of('allS').toFixed(2),
          of('residentMB').toFixed(0),
          more('residentMB').toFixed(0),
          of('peakMB').toFixed(0),
          more('peakMB').toFixed(0),
        ];
      }),
    ]);
  } finally {
    await stopDaemon(child);
  }
}

function readOptions(): {transfers: number; rounds: number} {
  const {values} = parseArgs({
    options: {
      /** The number of transfers in the queue. */
      transfers: {type: 'string', default: '100000'},
      rounds: {type: 'string', default: '3'},
    },
  });
  const read = (text: string) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) {
      throw new Error(`'${text}' is not a number of 1 or more`);
    }

    return number;
  };
  return {transfers: read(values.transfers), rounds: read(values.rounds)};
}

/** Fill the queue with paused transfers: this measures the queue, not the downloads. */
function fillQueue(state: string, server: string, transfers: number): void {
  mkdirSync(state);
  using store = new QueueStore(path.join(state, 'queue.db'));
  for (let from = 0; from < transfers; from += slice) {
    const added = store.add(
      server,
      Array.from({length: Math.min(slice, transfers - from)}, (_, index) => {
        const number = String(from + index).padStart(8, '0');
        const folder = `trip-${number.slice(0, 5)}`;
        const remotePath = parseRemotePath(`archive/photos/${folder}/IMG_${number}_original.jpg`);
        const size = 3_000_000 + (((from + index) * 7919) % 4_000_000);
        const target = '/home/someone/Downloads';
        return {remotePath, folder: target, localPath: remotePath, size, onConflict: 'fail'};
      }),
    );
    store.orders.carryOut(server, {do: 'pause', which: added.map(({id}) => id)});
  }
}

/** Open the queue. Times are in seconds since the start of the program. */
async function openQueue(address: string, state: string, transfers: number): Promise<Opened> {
  await using ends = new AsyncDisposableStack();
  const start = performance.now();
  const terminal = Terminal.start(
    {after: end => ends.defer(end)},
    [process.execPath, built('jangada'), address],
    {environment: {JANGADA_STATE: state}},
  );
  const until = async (text: string): Promise<number> => {
    await terminal.waitFor(screen => screen.includes(text), longestMs);
    return (performance.now() - start) / 1000;
  };
  const total = formatCount(transfers);
  const totalS = await until(transfers === 0 ? 'Nothing is queued' : `of ${total}`);
  let allS = totalS;
  if (transfers > 0) {
    // The cursor reaches the last transfer when it has been read.
    terminal.type('3G');
    allS = await until(`${total} of ${total}`);
  }

  await setTimeout(settleMs);
  const {pid} = terminal;
  const none = Number.NaN;
  return {totalS, allS, residentMB: residentMB(pid) ?? none, peakMB: peakMB(pid) ?? none};
}

// Ctrl-C ends the running program; the exit path cleans up.
process.on('SIGINT', () => {});
await main();
