import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseArguments} from '../../../source/commands/arguments/parse.ts';
import {tellOfLink} from '../../../source/commands/connect.ts';
import {CommandOutput} from '../../../source/commands/results/output.ts';
import {runCommand} from '../../../source/commands/run-command.ts';
import {TransferReport} from '../../../source/commands/transfer/report.ts';
import {QueueStore} from '../../../source/transfers/database/queue-store.ts';
import {path, startHarness, temporaryFolder} from '../../fixtures/harness.ts';
import {saveAs} from '../../fixtures/queue/stored.ts';
import {transfer} from '../tui/view/lines.ts';
import {Captured, type Ran, typed} from './run.ts';

// Only Linux allows such names.
const skip = process.platform !== 'linux' && 'other systems have no such names';

/** A name that tries to set the title of the window and to reverse the text, and its display form. */
const name = 'x\u001b]0;owned\u0007\u202e\n\u009b2J';
const shown = 'x\\x1b]0;owned\\x07\\u{202e}\\x0a\\x9b2J';

function assertShown(text: string): void {
  assert.ok(text.includes(shown), text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]|x\n/u);
}

async function startPlace(t: TestContext) {
  const {server, target, serve} = await startHarness(t);
  mkdirSync(target);
  const state = temporaryFolder(t);
  const run = async (words: readonly string[], stdin = typed(), columns?: number): Promise<Ran> => {
    const invocation = parseArguments(words, {});
    assert.ok(invocation.do === 'run' && invocation.command !== 'open');
    const {command, inputs, options} = invocation;
    const [stdout, stderr] = [new Captured(), new Captured(columns)];
    const environment = {JANGADA_STATE: state, TERM: 'dumb'};
    const status = await runCommand(command, inputs, options, {stdin, stdout, stderr, environment});
    return {status, stdout: stdout.text, stderr: stderr.text};
  };
  return {run, serve, state, target, at: ['-s', server.address]};
}

test('an existing local file is named in escaped form, also in the question', {
  skip,
}, async t => {
  const {run, serve, target, at} = await startPlace(t);
  serve(name, 'there');
  writeFileSync(join(target, name), 'here');
  const named = await run(['mget', '*', '-o', target, ...at]);
  assert.equal(named.status, 1);
  assert.ok(named.stderr.startsWith(`jangada: ${shown} exists. `), named.stderr);
  assertShown(named.stderr);
  const asked = await run(['mget', '*', '-o', target, ...at], typed('s'), 80);
  assert.equal(asked.status, 0);
  assert.ok(asked.stderr.includes(`${shown} exists (here: `), asked.stderr);
  assertShown(asked.stderr);
  assertShown(asked.stdout);
});

test('the queue is listed with escaped names, servers and stored reasons', {skip}, async t => {
  const {run, state, target, at, serve} = await startPlace(t);
  const store = new QueueStore(join(state, 'queue.db'));
  const wanted = {remotePath: path('a'), folder: '/to', onConflict: 'resume'} as const;
  const ids = (server: string, localPath: string) =>
    store.add(server, [{...wanted, localPath}]).map(({id}) => id);
  const failed = {name: 'failed', code: 'internal', reason: name} as const;
  saveAs(store, ids('127.0.0.1:1', 'a'), failed);
  saveAs(store, ids('127.0.0.1:2', 'b'), {name: 'paused', noRoom: name});
  ids('127.0.0.1:3', name);
  ids(name, 'c');
  store[Symbol.dispose]();
  const {stdout} = await run(['queue', 'list']);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 4, stdout);
  lines.forEach(assertShown);

  // A transfer whose place another transfer has.
  serve('d/y\u202e', '1');
  serve('e/y\u202e', '2');
  assert.equal((await run(['queue', 'add', 'd/y\u202e', '-o', target, ...at])).status, 0);
  const taken = await run(['queue', 'add', 'e/y\u202e', '-o', target, ...at]);
  assert.match(taken.stderr, /^jangada: e\/y\\u\{202e\}: another transfer in the queue saves/);
});

test('a report escapes names and reasons in each of its lines', async () => {
  const [stdout, stderr] = [new Captured(), new Captured()];
  using output = new CommandOutput({stdout, stderr, environment: {}});
  let nowMs = 0;
  const report = new TransferReport({output, json: false, single: false, now: () => nowMs});
  const remotePath = path(name);
  const target = `/to/${name}`;
  const failed = {name: 'failed', code: 'forbidden', reason: name} as const;
  const settled = [
    transfer({name: 'done', outcome: 'verified'}, {remotePath, target}),
    transfer({name: 'done', outcome: 'verified'}, {target}),
    transfer({name: 'done', outcome: 'skipped'}, {remotePath, target}),
    transfer(failed, {remotePath}),
    transfer(failed),
    ...Array.from({length: 40}, () => transfer({...failed, code: 'connection_lost'})),
  ];
  report.tally.addAsked(settled);
  report.addFolders([{remotePath, target, made: true}]);
  nowMs = 20_000;
  const running = [transfer({name: 'downloading'}, {remotePath, begunAnew: true, id: 7})];
  const waiting = [transfer({name: 'paused', noRoom: name}, {id: 8})];
  report.update({settled, running, waiting, waitingCount: 1, bytesPerSecond: 1});
  await report.end(false, undefined);
  for (const line of `${stdout.text}${stderr.text}`.trimEnd().split('\n')) {
    if (!/^\d+ of \d+ files|^2 files/.test(line)) {
      assertShown(line);
    }
  }

  assert.equal(stderr.text.trimEnd().split('\n').length, 7, stderr.text);
});

test('the reason of a lost connection is escaped', () => {
  const stderr = new Captured();
  using output = new CommandOutput({stdout: new Captured(), stderr, environment: {}});
  const end = tellOfLink(
    {
      onLink(listener) {
        const times = {retryInMs: 500, retryAtMs: 500};
        listener({name: 'waiting', reason: name, brief: name, ...times});
        return () => undefined;
      },
    },
    output,
  );
  end();
  assertShown(stderr.text);
});
