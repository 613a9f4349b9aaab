/**
 * Compares the tables of docs/library.md with the types. Each record here has every key of its type: the compiler checks
 * this. test/library.test.ts runs the programs of the page.
 */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {
  Client,
  ClientOptions,
  Downloaded,
  DownloadOptions,
  JangadaError,
  Queue,
  QueueEvent,
  QueueOptions,
  ReadOptions,
  TransferSnapshot,
  TransferState,
  VerifyReport,
} from '../../source/index.ts';
import {readPage} from './lines/page.ts';
import {testPage} from './lines/test-page.ts';

const packed = {notRun: 'test/package.test.ts packs and installs the package'};
const compiled = {notRun: 'test/library.test.ts compiles the programs, and runs them'};

testPage('library', {
  skip: false,
  prepare: async () => {},
  lines: {
    'npm ci && npm pack': packed,
    'npm install CHECKOUT/jangada-VERSION.tgz': packed,
    'npm install --save-dev typescript @types/node': compiled,
    'npx tsc': compiled,
    'node download.js': compiled,
  },
});

type Every<Key extends string> = Record<Key, true>;

const types = {
  'the options of download': {
    server: true,
    signal: true,
    onProgress: true,
    expect: true,
    onConflict: true,
    checksums: true,
    from: true,
    seed: true,
  } satisfies Every<keyof DownloadOptions>,
  'the result of download': {
    file: true,
    outcome: true,
    bytes: true,
    fetchedBytes: true,
    root: true,
    sha256: true,
  } satisfies Every<keyof Downloaded>,
  'the options of read': {
    offset: true,
    length: true,
    expect: true,
    server: true,
    signal: true,
  } satisfies Every<keyof ReadOptions>,
  'the options of Queue': {
    server: true,
    stateFolder: true,
    files: true,
    connections: true,
    bytesPerSecond: true,
    checksums: true,
  } satisfies Every<keyof QueueOptions>,
  'the calls of Queue': {
    add: true,
    addMatching: true,
    events: true,
    idle: true,
    totals: true,
    snapshot: true,
    slice: true,
    transfer: true,
    limits: true,
    pause: true,
    resume: true,
    cancel: true,
    retry: true,
    retryFailed: true,
    move: true,
    setPriority: true,
    clearSettled: true,
    restore: true,
    makeFolder: true,
    flushFolders: true,
    finishInHand: true,
    isKept: true,
  } satisfies Every<Exclude<keyof Queue, symbol>>,
  'a transfer': {
    id: true,
    remotePath: true,
    priority: true,
    size: true,
    target: true,
    version: true,
    begunAnew: true,
    receivedBytes: true,
    verifiedBytes: true,
    reusedBytes: true,
    copiedBytes: true,
    bytesPerSecond: true,
    state: true,
  } satisfies Every<keyof TransferSnapshot>,
  'the states of a transfer': {
    queued: true,
    connecting: true,
    checking: true,
    copying: true,
    downloading: true,
    finishing: true,
    canceled: true,
    paused: true,
    done: true,
    failed: true,
  } satisfies Every<TransferState['name']>,
  'the events of Queue': {
    added: true,
    progress: true,
    paused: true,
    canceled: true,
    done: true,
    failed: true,
    removed: true,
    notice: true,
    idle: true,
  } satisfies Every<QueueEvent['type']>,
  'the report of verify': {
    equal: true,
    good: true,
    bad: true,
    missing: true,
    blocks: true,
    localSize: true,
    remoteSize: true,
    localRoot: true,
    remoteRoot: true,
    expected: true,
    algorithm: true,
    localSha256: true,
    remotePath: true,
    localFile: true,
    // Only the full screen needs the field that is left out.
  } satisfies Every<Exclude<keyof VerifyReport, 'compared'>>,
  'an error': {
    code: true,
    message: true,
    brief: true,
    cause: true,
  } satisfies Every<Exclude<keyof JangadaError, 'name' | 'stack'>>,
  'the options of Client': {
    others: true,
    connections: true,
    retries: true,
    retryFirst: true,
    limiter: true,
    compress: true,
    silenceTimeoutMs: true,
    keepConnected: true,
    ssh: true,
  } satisfies Every<Exclude<keyof ClientOptions, 'trust'>>,
  // Client has more calls, which only the programs use.
  'the calls of Client': {
    list: true,
    find: true,
    stat: true,
    hash: true,
    digests: true,
    login: true,
    hello: true,
    ping: true,
    connections: true,
    bytesPerSecond: true,
    link: true,
    onLink: true,
    servers: true,
  } satisfies Partial<Every<Exclude<keyof Client, symbol>>>,
};

/** For each table, the names in its first column, without arguments. */
const tables = readPage('library').tables.map(([, ...rows]) =>
  rows.flatMap(([cell = '']) => [...cell.matchAll(/`(\w+)/g)].map(([, name = '']) => name)),
);

for (const [what, names] of Object.entries(types)) {
  test(`a table of docs/library.md has ${what}`, () => {
    const wanted = Object.keys(names).sort().join(' ');
    const found = tables.map(table => table.toSorted().join(' '));
    assert.ok(found.includes(wanted), `no table has just ${wanted}`);
  });
}
