/**
 * Measures the full screen in its own terminal: how fast it starts, how fast a key changes the screen, and what it costs.
 * `npm run bench:interface -- --entries 1000000 --keys 200 --rounds 5 --seconds 5`.
 *
 * It prints the figures with the budgets of `docs/performance.md`; a missed budget is not a failure.
 */
import {execFile} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import {parseArgs, promisify} from 'node:util';
import {formatCount} from '../source/tui/text/format.ts';
import {Terminal} from '../test/fixtures/terminal.ts';
import {type InterfaceData, makeInterfaceData} from './interface-data.ts';
import {built, startJangada} from './peers/jangada.ts';
import {log, printRows} from './report/lines.ts';
import {median} from './report/statistics.ts';
import {stopDaemon} from './running/process.ts';
import {residentMB} from './running/usage.ts';

/** Bytes per second of all downloads, so that they last as long as the measurement of keys. */
const rate = '4M';
const downloads = 8;
/** Bytes per second of slow links. */
const links = [50_000, 200_000, 5_000_000];
const longestMs = 120_000;

const runFile = promisify(execFile);
/** Repeats per second of a held key. */
const heldHz = 30;
/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

type Figure = {readonly unit: 'ms' | '%' | 'MB' | 'B'; readonly budget: string; values: number[]};

class Figures {
  readonly #figures = new Map<string, Figure>();

  add(name: string, unit: Figure['unit'], budget: string, ...values: number[]): void {
    const figure = this.#figures.get(name) ?? {unit, budget, values: []};
    figure.values.push(...values);
    this.#figures.set(name, figure);
  }

  print(): void {
    printRows('The full screen', [
      ['', 'median', '95th', 'highest', 'unit', 'budget'],
      ...[...this.#figures].map(([name, {unit, budget, values}]) => {
        const sorted = values.toSorted((a, b) => a - b);
        const ninetyFifth = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
        const shown = [median(sorted), ninetyFifth, sorted.at(-1) ?? Number.NaN];
        return [name, ...shown.map(value => value.toFixed(1)), unit, budget];
      }),
    ]);
  }
}

async function main(): Promise<void> {
  const {entries, keys, rounds, seconds} = readOptions();
  await using data = await makeInterfaceData({entries, downloads});
  const server = await startJangada(data.source);
  const figures = new Figures();
  try {
    await startOnce(data, server.address);
    for (let round = 1; round <= rounds; round++) {
      log(`full screen, round ${round} of ${rounds}`);
      await measureStart(figures, data, server.address);
      await measureFirstStart(figures, data, server.address);
    }

    await measureWork(figures, data, server.address, seconds);
    await measureKeys(figures, data, server.address, {keys, seconds});
  } finally {
    await stopDaemon(server.child);
  }

  for (const bytesPerSecond of links) {
    await measureSpeed(figures, data, {bytesPerSecond, seconds});
  }

  figures.print();
}

/** Start the program once: when it ends, it saves its compiled code, which the measured starts use. */
async function startOnce(data: InterfaceData, address: string): Promise<void> {
  await using opened = await open(data, address);
  const {terminal} = opened;
  await terminal.waitFor(new RegExp(` ${data.some.name}/`), longestMs);
  terminal.type('q');
  await terminal.ended();
}

/** Measure from the start of the program to its first frame, and from Enter on a folder to its first rows. */
async function measureStart(figures: Figures, data: InterfaceData, address: string): Promise<void> {
  await using opened = await open(data, address);
  const {terminal, startedMs} = opened;
  await terminal.waitFor(/jangada/, longestMs);
  figures.add('first frame', 'ms', '≤ 250', performance.now() - startedMs);
  await goTo(terminal, data.some.name);
  const ms = await timed(terminal, () => terminal.press('enter'), /entry-0/);
  figures.add(`first rows of ${formatCount(data.some.entries)}`, 'ms', '≤ 100', ms);
}

/** Measure the first frame of a program that has never run before. */
async function measureFirstStart(
  figures: Figures,
  data: InterfaceData,
  address: string,
): Promise<void> {
  await using opened = await open(data, address, {
    environment: {NODE_DISABLE_COMPILE_CACHE: '1'},
  });
  await opened.terminal.waitFor(/jangada/, longestMs);
  const ms = performance.now() - opened.startedMs;
  figures.add('first frame, nothing compiled before', 'ms', '≤ 250', ms);
}

async function measureWork(
  figures: Figures,
  data: InterfaceData,
  address: string,
  seconds: number,
): Promise<void> {
  await using opened = await open(data, address);
  const {terminal} = opened;
  const count = formatCount(data.all.entries);
  const whole = wholeOf(count);
  await goTo(terminal, data.all.name);
  log(`reading, sorting and marking ${count} entries`);
  const read = await timed(terminal, () => terminal.press('enter'), whole);
  figures.add(`all of ${count} entries`, 'ms', '≤ 8000', read);
  figures.add(`resident, ${count} entries`, 'MB', '≤ 150', residentMB(terminal.pid) ?? Number.NaN);
  terminal.type('s');
  await terminal.waitFor(/Sort by/, longestMs);
  const sorted = (text: string): boolean => /Size ▲/.test(text) && whole(text);
  figures.add(
    `sort of ${count}`,
    'ms',
    '≤ 2000',
    await timed(terminal, () => terminal.type('s'), sorted),
  );
  const marked = `${count} marked`;
  const mark = await timed(
    terminal,
    () => terminal.type('a'),
    text => text.includes(marked),
  );
  figures.add(`mark ${count}`, 'ms', '≤ 1000', mark);
  terminal.type('\\');
  await terminal.waitFor(text => !text.includes(marked), longestMs);
  await measureIdle(figures, terminal, seconds);
  await measureHeldKey(figures, terminal, seconds, 'processor, a key held');
}

async function measureHeldKey(
  figures: Figures,
  terminal: Terminal,
  seconds: number,
  what: string,
): Promise<void> {
  const held = setInterval(() => terminal.type('j'), 1000 / heldHz);
  figures.add(what, '%', '≤ 25', await processorPercent(terminal.pid, seconds));
  clearInterval(held);
}

/** Tells whether the screen shows the whole folder of `count` entries; the details pane names the count, too. */
function wholeOf(count: string): (text: string) => boolean {
  const heading = new RegExp(` [\\d,]+ of ${count} ─`);
  return text => heading.test(text) && !/reading|sorting/.test(text);
}

/**
 * Measure keys during downloads. The rate limit also applies to listings, so the folder is read before another process
 * queues the downloads.
 */
async function measureKeys(
  figures: Figures,
  data: InterfaceData,
  address: string,
  {keys, seconds}: {keys: number; seconds: number},
): Promise<void> {
  const state = data.makeFolder('state');
  const environment = {JANGADA_STATE: state};
  await using opened = await open(data, address, {options: ['--limit', rate], environment});
  const {terminal} = opened;
  const count = formatCount(data.all.entries);
  await goTo(terminal, data.all.name);
  terminal.press('enter');
  await terminal.waitFor(wholeOf(count), longestMs);
  await runFile(
    process.execPath,
    [
      ...[built('jangada'), 'queue', 'add', `${data.downloads.name}/**`, '-s', address],
      ...['--to', data.makeFolder('target')],
    ],
    {env: {...process.env, ...environment}},
  );
  await terminal.waitFor(new RegExp(`${downloads} run`), longestMs);
  log(`${keys} keys with ${downloads} downloads`);
  for (let key = 0; key < keys; key++) {
    const before = cursorRow(terminal.text);
    const down = key % 20 < 10;
    const ms = await timed(
      terminal,
      () => terminal.type(down ? 'j' : 'k'),
      text => cursorRow(text) !== before,
    );
    figures.add(
      `key to screen, ${count} entries, ${downloads} downloads`,
      'ms',
      '≤ 10, 95th ≤ 25',
      ms,
    );
    await wait(40);
  }

  figures.add(
    `processor, ${downloads} downloads`,
    '%',
    '≤ 8',
    await processorPercent(terminal.pid, seconds),
  );
  await measureHeldKey(figures, terminal, seconds, 'the same, and a key held');
}

/**
 * Measure the download of one file, from three seconds after its first byte on: the time between changes of its row, and
 * how far the speeds in the header and in the row are from the rate of the link.
 */
async function measureSpeed(
  figures: Figures,
  data: InterfaceData,
  {bytesPerSecond, seconds}: {bytesPerSecond: number; seconds: number},
): Promise<void> {
  const server = await startJangada(data.source, ['--limit', String(bytesPerSecond)]);
  try {
    await using opened = await open(data, server.address);
    const {terminal} = opened;
    await goTo(terminal, data.downloads.name);
    terminal.press('enter');
    await terminal.waitFor(/film-0\.bin/, longestMs);
    terminal.type('d');
    await terminal.waitFor(/▼ [1-9]/, longestMs);
    await wait(3000);
    const link = `${bytesPerSecond} B/s link`;
    const off = (shown: number) => Math.abs(shown / bytesPerSecond - 1) * 100;
    const nextRow = async (row: string): Promise<string> =>
      rowOf(await terminal.waitFor(text => rowOf(text) !== row, longestMs));
    let row = await nextRow(rowOf(terminal.text));
    for (let change = 0; change < seconds * 4; change++) {
      const beforeMs = performance.now();
      row = await nextRow(row);
      figures.add(`between changes of the row, ${link}`, 'ms', '250', performance.now() - beforeMs);
      figures.add(`speed in the header, ${link}`, '%', 'off ≤ 15', off(headerSpeed(terminal.text)));
      figures.add(`speed in the row, ${link}`, '%', 'off ≤ 15', off(rowSpeed(row)));
    }
  } finally {
    await stopDaemon(server.child);
  }
}

const units = new Map([
  ['B', 1],
  ['kB', 1000],
  ['MB', 1_000_000],
]);

/** Bytes per second in the header. */
function headerSpeed(text: string): number {
  return speedOf(/▼ ([\d.]+) (B|kB|MB)\/s/.exec(text));
}

/** The row of the transfer, without its spinner, which moves whatever the transfer does; empty if there is none. */
function rowOf(text: string): string {
  return /film-0\.bin .*\/s.*/.exec(text)?.[0] ?? '';
}

/** Bytes per second in a row. */
function rowSpeed(row: string): number {
  return speedOf(/([\d.]+) (B|kB|MB)\/s/.exec(row));
}

function speedOf(found: RegExpExecArray | null): number {
  const [, number = '', unit = ''] = found ?? [];
  return Number(number) * (units.get(unit) ?? Number.NaN);
}

async function measureIdle(figures: Figures, terminal: Terminal, seconds: number): Promise<void> {
  // By then messages have disappeared, and the garbage is collected.
  await wait(seconds * 4000);
  const before = terminal.written.length;
  figures.add('processor, idle', '%', '0', await processorPercent(terminal.pid, seconds));
  figures.add('written, idle', 'B', '0', terminal.written.length - before);
}

type Opened = AsyncDisposable & {readonly terminal: Terminal; readonly startedMs: number};

async function open(
  data: InterfaceData,
  address: string,
  {
    options = [],
    environment = {},
  }: {options?: readonly string[]; environment?: Readonly<Record<string, string>>} = {},
): Promise<Opened> {
  const ends = new AsyncDisposableStack();
  const startedMs = performance.now();
  const terminal = Terminal.start(
    {after: end => ends.defer(end)},
    [
      process.execPath,
      built('jangada'),
      address,
      '--to',
      data.makeFolder('target'),
      '--files',
      String(downloads),
      ...options,
    ],
    {environment: {JANGADA_STATE: data.makeFolder('state'), FORCE_COLOR: '3', ...environment}},
  );
  return {terminal, startedMs, [Symbol.asyncDispose]: () => ends.disposeAsync()};
}

/** Put the cursor on the folder `name` of the first folder. */
async function goTo(terminal: Terminal, name: string): Promise<void> {
  const isOn = (text: string): boolean => cursorRow(text).includes(` ${name}/`);
  if (/ filter '/.test(terminal.text)) {
    terminal.press('escape');
  }

  await terminal.waitFor(text => text.includes(` ${name}/`) && !/ filter '/.test(text), longestMs);
  // A filter leaves only this folder, whatever the sort order.
  terminal.type(`/${name}`);
  await terminal.waitFor(text => isOn(text) && /1 of 1 /.test(text), longestMs);
  terminal.press('enter');
  await terminal.waitFor(text => !/Filter:/.test(text), longestMs);
}

function cursorRow(text: string): string {
  return text.split('\n').find(row => row.startsWith('│▌')) ?? '';
}

/** Milliseconds from `act` until the screen matches. */
async function timed(
  terminal: Terminal,
  act: () => void,
  wanted: RegExp | ((text: string) => boolean),
): Promise<number> {
  const startMs = performance.now();
  act();
  await terminal.waitFor(wanted, longestMs);
  return performance.now() - startMs;
}

/** Processor time of a process during the next `seconds`, in percent of one core; NaN without /proc. */
async function processorPercent(pid: number, seconds: number): Promise<number> {
  const [before, startMs] = [processorSeconds(pid), performance.now()];
  await wait(seconds * 1000);
  const taken = (performance.now() - startMs) / 1000;
  return ((processorSeconds(pid) - before) / taken) * 100;
}

function processorSeconds(pid: number): number {
  try {
    // The program's name, in parentheses, may contain spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return Number.NaN;
  }
}

type Options = {entries: number; keys: number; rounds: number; seconds: number};

function readOptions(): Options {
  const {values} = parseArgs({
    options: {
      /** Entries of the largest folder. */
      entries: {type: 'string', default: '1000000'},
      /** How many keys to measure. */
      keys: {type: 'string', default: '200'},
      /** How often to start the program. */
      rounds: {type: 'string', default: '5'},
      /** How long to measure processor time, each time. */
      seconds: {type: 'string', default: '5'},
    },
  });
  const whole = (text: string): number => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) {
      throw new Error(`'${text}' is not a number of 1 or more`);
    }

    return number;
  };
  const {entries, keys, rounds, seconds} = values;
  return {
    entries: whole(entries),
    keys: whole(keys),
    rounds: whole(rounds),
    seconds: whole(seconds),
  };
}

await main();
