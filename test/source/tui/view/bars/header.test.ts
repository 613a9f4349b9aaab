import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {type DisplayText, displayName} from '../../../../../protocol/display-text.ts';
import type {LinkState} from '../../../../../source/client/client.ts';
import type {QueueTotals} from '../../../../../source/transfers/queue/queue.ts';
import {defaultLimits} from '../../../../../source/transfers/terms/limits.ts';
import type {Counted} from '../../../../../source/tui/model/download/downloads.ts';
import {headerLine} from '../../../../../source/tui/view/bars/header.tsx';
import {layOut} from '../../../../../source/tui/view/line/lay-out.ts';
import {lineWidth, span} from '../../../../../source/tui/view/line/span.ts';
import {ascii, textOf, unicode} from '../lines.ts';

const idle: QueueTotals = {
  total: 0,
  active: 0,
  queued: 0,
  waiting: 0,
  paused: 0,
  canceled: 0,
  bytes: {wanted: 0, here: 0, left: 0, unsized: 0},
  failed: 0,
  done: 0,
  bytesPerSecond: 0,
  speedHistory: [],
  worker: undefined,
  unwritten: 0,
  limits: defaultLimits,
};
const bytes = {wanted: 10_000_000_000, here: 4_150_000_000, left: 5_850_000_000, unsized: 0};
const busy = {
  ...idle,
  total: 26,
  done: 10,
  active: 4,
  queued: 12,
  bytes,
  bytesPerSecond: 182_000_000,
};
const long = {
  ...busy,
  total: 1_070_310,
  active: 1100,
  queued: 1_069_200,
  speedHistory: [1, 2, 3, 4, 5, 6, 7, 8, 9],
};
const worker = {host: 'lab', pid: 4_194_304};
const limits = {...defaultLimits, bytesPerSecond: 2_500_000};

const queues: readonly QueueTotals[] = [
  idle,
  {...idle, worker, limits},
  {...busy, worker},
  {...long, limits},
];
const servers = [
  '127.0.0.1:36979',
  'a-name-that-is-longer.than-half-of-most-screens.example.org:1234',
  '日本語のホスト名.example.org:1234',
];
const links: readonly LinkState[] = [
  {name: 'connected'},
  {
    name: 'waiting',
    retryInMs: 8000,
    retryAtMs: 0,
    reason: 'No connection: nothing listens there',
    brief: 'nothing listens there, and this says at some length how that came to be known',
  },
];

/** The parts of the header, in their order. */
const order = [
  {name: 'name', is: /^jangada$/},
  {name: 'server', is: undefined},
  {name: 'state', is: /^(?:by \d+|process \d+ works here(?:; this screen steers it)?)$/},
  {name: 'lost', is: /^\S no connection(?:, trying again in 8s(?:: no.*)?)?$/},
  {name: 'speed', is: /^\S 182 MB\/s$/},
  {name: 'spark', is: /^[\u2581-\u2588_.:=+*#-]+$/},
  {name: 'limit', is: /^limit 2\.5 MB\/s$/},
  {name: 'work', is: /^(?:idle|(?:10 of [\d,]+ [·-] )?41 %(?: [·-] 33 s left)?)$/},
] as const;

/** The names of the parts in `texts`. Fails unless each text is a whole part, after the part before it. */
function partsOf(texts: readonly DisplayText[], server: string, ellipsis: string): string[] {
  let from = 0;
  return texts.map(text => {
    const found = order.findIndex(
      ({is}, index) => index >= from && (is === undefined ? isServer(text) : is.test(text)),
    );
    const part = order[found];
    assert.ok(part !== undefined, `'${text}' in ${texts.join(' | ')}`);
    from = found + 1;
    return part.name;
  });

  function isServer(text: string): boolean {
    return (
      text === server ||
      (text.endsWith(ellipsis) && server.startsWith(text.slice(0, -ellipsis.length)))
    );
  }
}

suite('the header', () => {
  test('has whole parts in their order, separated from each other, at any width', () => {
    const seen = new Set<string>();
    const looks = [
      ...servers.map(server => ({look: unicode, server: displayName(server)})),
      {look: ascii, server: displayName('127.0.0.1:36979')},
    ];
    for (const {look, server} of looks) {
      for (const [queue, link] of queues.flatMap(queue =>
        links.map(link => [queue, link] as const),
      )) {
        for (let columns = 30; columns <= 200; columns++) {
          const line = headerLine(look, {server, link, retryInSeconds: 8, queue, columns});
          const text = textOf(line);
          assert.equal(lineWidth(line), columns);
          // Between two parts is a span of spaces.
          const words = line.map(({text}) => text).filter(text => text.trim() !== '');
          assert.deepEqual(text.trim().split(/ {2,}/), words);
          const parts = partsOf(words, server, look.glyphs.ellipsis);
          assert.ok(parts.includes('server'));
          assert.equal(parts.includes('lost'), link.name === 'waiting');
          assert.ok(parts.includes('work') || columns < 64, `${columns}: ${text}`);
          for (const part of parts) {
            seen.add(part);
          }
        }
      }
    }

    assert.equal(seen.size, order.length, [...seen].join());
  });

  test('of a companion of 60 columns has the server, the process and the work side by side', () => {
    const server = displayName('127.0.0.1:36979');
    const text = (queue: QueueTotals, columns = 60) =>
      textOf(
        headerLine(unicode, {server, link: {name: 'connected'}, retryInSeconds: 0, queue, columns}),
      );
    const small = {...idle, worker: {host: 'lab', pid: 4711}};
    assert.equal(text(small), ' jangada  127.0.0.1:36979  process 4711 works here     idle ');
    assert.equal(text(small, 40), ' 127.0.0.1:36979  by 4711          idle ');
    assert.equal(text(small, 30), ' 127.0.0.1:36979         idle ');
    assert.equal(
      text({...busy, worker: small.worker}),
      ' 127.0.0.1:36979  by 4711       ▼ 182 MB/s  10 of 26 · 41 % ',
    );
  });
});

suite('the words about all transfers', () => {
  const header = (queue: Partial<QueueTotals>, counting?: Counted) =>
    textOf(
      headerLine(unicode, {
        server: displayName('host:1'),
        link: {name: 'connected'},
        retryInSeconds: 0,
        queue: {...busy, ...queue},
        columns: 120,
        counting,
      }),
    );

  test('have files, percent and time left, with the speed and its history', () => {
    const speedHistory = [0, 1, 2, 3, 4, 4, 4, 4];
    assert.match(
      header({speedHistory}),
      / ▼ 182 MB\/s {2}[▁-█]{8} {2}10 of 26 · 41 % · 33 s left $/,
    );
  });

  test('have no percent and no time if a size is unknown, and no time if nothing arrives', () => {
    assert.match(header({bytes: {...bytes, unsized: 1}}), / 10 of 26 $/);
    assert.match(header({bytesPerSecond: 0}), / 10 of 26 · 41 % $/);
    assert.match(header({bytesPerSecond: 1}), / 10 of 26 · 41 % $/);
    assert.match(header({active: 0}), / 10 of 26 · 41 % $/);
  });

  test('leave out canceled transfers, and say when nothing runs by itself', () => {
    assert.match(header({canceled: 5}), / 10 of 21 · 41 % · 33 s left $/);
    assert.match(header({active: 0, queued: 0, paused: 16}), / 10 of 26 · 41 % · idle $/);
    assert.match(header({total: 10, active: 0, queued: 0}), / idle $/);
  });

  test('are the numbers so far while a tree is counted', () => {
    assert.match(header({}, {files: 12_345, bytes: 3.2e9}), / counting: 12,345 · 3\.2 GB $/);
    const counting = {files: 12_345, bytes: 3.2e9};
    const narrow = {server: displayName('host:1'), link: {name: 'connected'}, columns: 40} as const;
    const line = headerLine(unicode, {...narrow, retryInSeconds: 0, queue: busy, counting});
    assert.match(textOf(line), / counting: 12,345/);
  });
});

suite('space on a line', () => {
  const part = (width: number) => () => [span(displayName('x'.repeat(width)))];

  test('goes to the first part that claims it, and a later claim of the same part counts if it fits', () => {
    const widths = (columns: number) =>
      Object.fromEntries(
        [
          ...layOut(
            [
              {place: 'a', line: part(4)},
              {place: 'b', line: part(6)},
              {place: 'a', line: part(8)},
              {place: 'c', line: part(1)},
            ],
            columns,
            2,
          ),
        ].map(([place, line]) => [place, textOf(line).length]),
      );
    assert.deepEqual(widths(3), {c: 1});
    assert.deepEqual(widths(4), {a: 4});
    assert.deepEqual(widths(7), {a: 4, c: 1});
    assert.deepEqual(widths(12), {a: 4, b: 6});
    assert.deepEqual(widths(15), {a: 4, b: 6, c: 1});
    assert.deepEqual(widths(16), {a: 8, b: 6});
    assert.deepEqual(widths(19), {a: 8, b: 6, c: 1});
  });

  test('is known to a part that can be cut, and a part that is cut to nothing takes none', () => {
    const rooms: number[] = [];
    const cut = {
      place: 'b',
      line: (columns: number) => {
        rooms.push(columns);
        return part(Math.max(0, Math.min(3, columns)))();
      },
    };
    const first = {place: 'a', line: part(5)};
    assert.deepEqual([...layOut([first, cut], 9, 2).keys()], ['a', 'b']);
    assert.deepEqual([...layOut([first, cut], 7, 2).keys()], ['a']);
    assert.deepEqual(rooms, [2, 0]);
  });
});
