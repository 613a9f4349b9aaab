import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {encodeHello} from '../../../../protocol/hello.ts';
import {commandOf, commandWords} from '../../../../source/commands/arguments/catalogue.ts';
import {parseArguments} from '../../../../source/commands/arguments/parse.ts';
import {JsonResults} from '../../../../source/commands/results/json-results.ts';
import {allDone, outcomeOf} from '../../../../source/commands/results/outcome.ts';
import {CommandOutput} from '../../../../source/commands/results/output.ts';
import {runCommand} from '../../../../source/commands/run-command.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {freePort} from '../../../fixtures/free-port.ts';
import {path as remote, startHarness, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {endOf} from '../../../fixtures/json-output.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';
import {Captured, type Ran, runProgram, start, typed} from '../run.ts';

/** A command line without --json, and its exit status and the code of its last event. */
type Case = readonly [words: readonly string[], status: number, code: string | null];

const outcomes: Readonly<Record<number, string>> = {
  0: 'success',
  5: 'difference',
  130: 'interruption',
};

/** Fails unless `ran` ends with exactly one event, which has its outcome. */
function assertEnd(ran: Ran, status: number, code: string | null, about: string): void {
  assert.equal(ran.status, status, `${about}: ${ran.stderr}`);
  assert.equal(ran.stdout.match(/"event":"end"/g)?.length, 1, `${about}: ${ran.stdout}`);
  assert.ok(ran.stdout.endsWith('}\n'), about);
  const {event, outcome, ...end} = endOf(ran.stdout);
  const expected = {event: 'end', outcome: outcomes[status] ?? 'failure', code, status};
  assert.deepEqual({event, outcome, code: end.code, status: end.status}, expected, about);
  const message = 'message' in end ? end.message : undefined;
  assert.ok(status === 0 ? message === undefined : /\w/.test(String(message)), `${about}: message`);
}

async function startPlace(t: TestContext) {
  const {serve, root, server, target} = await startHarness(t);
  for (const name of ['a', 'b', 'folder/c']) {
    serve(name, name);
  }

  execFileSync('mkfifo', [path.join(root, 'pipe')]);
  mkdirSync(target);
  const here = (name: string, content: string) => {
    const file = path.join(target, name);
    writeFileSync(file, content);
    return file;
  };
  const state = temporaryFolder(t);
  const run = async (words: readonly string[]): Promise<Ran> => {
    const invocation = parseArguments([...words, '--json'], {});
    assert.ok(invocation.do === 'run' && invocation.command !== 'open');
    const {command, inputs, options} = invocation;
    const [stdout, stderr] = [new Captured(), new Captured()];
    const environment = {JANGADA_STATE: state};
    const streams = {stdin: typed(), stdout, stderr, environment};
    const status = await runCommand(command, inputs, options, streams);
    return {status, stdout: stdout.text, stderr: stderr.text};
  };
  const at = ['-s', server.address];
  return {at, to: [...at, '-o', target], away: ['-o', target], target, here, state, server, run};
}

test('every command ends with one event about its outcome, however it ends', async t => {
  const {at, to, away, target, here, state, server, run} = await startPlace(t);
  const same = here('same', 'a');
  const other = here('other', 'x');
  const list = here('list', `${'0'.repeat(64)}  same\n`);
  here('folder', 'in the way');
  here('b', 'x');
  const gone = ['-s', `127.0.0.1:${await freePort()}`];
  const locked = ['-s', await startLockedServer(t)];
  const cases: Case[] = [
    [['list', ...at], 0, null],
    [['list', 'nope', ...at], 1, 'not_found'],
    [['list', '/../nope', ...at], 2, 'usage'],
    [['list', ...gone], 3, 'unreachable'],
    [['list', ...locked], 4, 'unauthorized'],
    [['ping', ...at], 0, null],
    [['ping', ...gone], 3, 'unreachable'],
    [['sget', 'a', ...to], 0, null],
    [['sget', 'a', ...to], 1, 'exists'],
    [['sget', 'nope', ...to], 1, 'not_found'],
    [['sget', 'folder', ...to], 1, 'not_a_file'],
    [['sget', 'pipe', ...to], 1, 'not_a_file'],
    [['sget', 'a', ...away, ...gone], 3, 'unreachable'],
    [['sget', 'a', ...away, ...locked], 4, 'unauthorized'],
    [['cget', 'a', ...to], 0, null],
    [['cget', 'a', ...to, '--from', path.join(target, 'nope')], 1, 'local_io'],
    [['cget', 'a', ...away, ...gone], 3, 'unreachable'],
    [['mget', '?', '--on-conflict', 'skip', ...to], 0, null],
    [['mget', 'nothing*', ...to], 1, 'not_found'],
    [['mget', 'pipe', ...to], 1, 'not_found'],
    [['mget', '**', ...to], 1, 'exists'],
    [['mget', 'folder/*', ...to, '--on-conflict', 'overwrite'], 1, 'unsafe_target'],
    [['mget', '*', ...away, ...gone], 3, 'unreachable'],
    [['hash', 'a', ...at], 0, null],
    [['hash', 'a', '--compare', same, ...at], 0, null],
    [['hash', 'a', '--compare', other, ...at], 5, 'differs'],
    [['hash', 'a', '--compare', path.join(target, 'nope'), ...at], 1, 'local_io'],
    [['hash', 'folder', ...at], 1, 'not_a_file'],
    [['hash', 'a', ...gone], 3, 'unreachable'],
    [['verify', 'a', ...to], 0, null],
    [['verify', 'b', ...to], 5, 'differs'],
    [['verify', 'a', 'nope', ...to], 1, 'local_io'],
    [['verify', 'b', 'nope', ...to], 1, 'several'],
    [['verify', 'a', ...away, ...gone], 3, 'unreachable'],
    [['verify', '--checksums', list, '-o', target], 5, 'differs'],
    [['verify', '--checksums', other, '-o', target], 1, 'local_io'],
    [['config'], 0, null],
    [['queue', 'list'], 0, null],
    [['queue', 'add', 'a', ...to], 0, null],
    [['queue', 'add', 'nope', ...to], 1, 'not_found'],
    [['queue', 'add', 'nothing*', ...to], 1, 'not_found'],
    [['queue', 'add', 'pipe', 'nope', ...to], 1, 'several'],
    [['queue', 'add', 'a', ...away, ...gone], 3, 'unreachable'],
    [['queue', 'pause', '1'], 0, null],
    [['queue', 'pause', '1', '99'], 1, 'not_found'],
    [['queue', 'retry', '1'], 1, 'bad_request'],
    [['queue', 'pause', 'x'], 2, 'usage'],
    [['queue', 'resume', 'all'], 0, null],
    [['queue', 'priority', 'high', '1'], 0, null],
    [['queue', 'priority', 'higher', '1'], 2, 'usage'],
    [['queue', 'move', '1', '1'], 0, null],
    [['queue', 'move', '99', '1'], 1, 'not_found'],
    [['queue', 'limits'], 0, null],
    [['queue', 'run'], 0, null],
    [['queue', 'run'], 0, null],
    [['queue', 'cancel', '1'], 1, 'bad_request'],
    [['queue', 'retry', 'failed'], 0, null],
    [['queue', 'clear'], 0, null],
  ];
  for (const [words, status, code] of cases) {
    assertEnd(await run(words), status, code, words.join(' '));
  }

  // A transfer of a missing server, and a queue that cannot be opened.
  const store = new QueueStore(path.join(state, 'queue.db'));
  const {host, port} = parseAddress(gone[1] ?? '');
  const queued = {remotePath: remote('a'), folder: target, localPath: 'x'};
  store.add(`${host}:${port}`, [{...queued, onConflict: 'resume'}]);
  store[Symbol.dispose]();
  assertEnd(await run(['queue', 'run']), 3, 'unreachable', 'queue run');
  await server.close({graceMs: 0});
  const tried = new Set(cases.map(([words]) => words.join(' ')));
  const untried = commandWords
    .filter(name => commandOf(name).options.includes('json'))
    .filter(name => ![...tried].some(words => words.startsWith(name)));
  assert.deepEqual(untried, []);
});

/** A server that requires a token, which this client does not have. */
async function startLockedServer(t: TestContext): Promise<string> {
  const server = createServer(socket => {
    const limits = {payload: 1, pipelined: 1, ranges: 1, masks: 1, maskLength: 1};
    const hello = {server: 'x', algorithms: ['sha256' as const], features: []};
    socket.on('error', () => undefined);
    socket.write(encodeHello({...hello, protocol: 1, token: true, limits}));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  // A listening TCP server always has this type of address.
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a list that ends early has no closing bracket, and the event has the reason', async t => {
  const {target, here, run} = await startPlace(t);
  here('a', 'a');
  const address = await startHostileServer(t, socket => socket.end());
  const {host, port} = address;
  const at = ['-s', `${host}:${port}`, '-o', target, '--retries', '0'];
  assertEnd(await run(['verify', 'a', ...at]), 3, 'connection_lost', 'verify');
  const both = await run(['verify', 'nope', 'a', ...at]);
  assertEnd(both, 3, 'connection_lost', 'verify of two');
  assert.match(both.stdout, /^\[\n {2}\{"path":"nope",.*\}\n\{"event":"end",.*\n$/);
});

test('the event of a failed run has the sentence of its error, or of the first of several errors', async t => {
  const {to, here, run} = await startPlace(t);
  here('a', 'x');
  here('b', 'x');
  const list = here('list', `${'0'.repeat(64)}  a\n`);
  for (const [words, message] of [
    [
      ['queue', 'add', 'nothing*', ...to],
      /^Nothing matches 'nothing\*'\. A mask matches files: write 'FOLDER\/\*\*' for all in a folder$/,
    ],
    [['queue', 'add', 'pipe', ...to], /^pipe: [^()]*$/],
    [['queue', 'pause', '98'], /^The queue has no transfer 98\. Run [^()]*$/],
    [
      ['queue', 'pause', '98', '99'],
      /^The queue has no transfer 98\. .* \(the first of several\)$/,
    ],
    [['sget', 'nope', ...to], /nope/],
    [
      ['verify', 'nope', 'c', ...to],
      /^nope: there is no local copy in .* \(the first of several\)$/,
    ],
    [['verify', 'a', ...to], /^a: differs, 1 of 1 block bad \(block 0\)$/],
    [
      ['verify', 'a', 'b', ...to],
      /^a: differs, 1 of 1 block bad \(block 0\) \(the first of several\)$/,
    ],
    [
      ['verify', '--checksums', list, ...to.slice(2)],
      /^a: differs, SHA-256 here [0-9a-f]{64}, in the list 0{64}$/,
    ],
    [['hash', 'a', '--compare', here('other', 'x'), ...to.slice(0, 2)], /^a: differs from .*other/],
  ] as const) {
    const ran = await run(words);
    assert.match(String(endOf(ran.stdout).message), message, words.join(' '));
  }
});

test('a run that is stopped after its last event writes no further event', async () => {
  const stdout = new Captured();
  using output = new CommandOutput({stdout, stderr: new Captured(), environment: {}});
  const json = new JsonResults(output);
  json.tell({files: 1});
  await json.end(allDone);
  await json.end(outcomeOf('aborted'));
  const line = '{"event":"end","outcome":"success","code":null,"status":0,"files":1}\n';
  assert.equal(stdout.text, line);
});

test('wrong usage is also an event if --json is on the command line', async () => {
  const cases: Array<readonly [string, number]> = [
    ['--json', 2],
    ['frob --json', 2],
    ['list --json a b', 2],
    ['list --json=yes', 2],
    ['sget --json', 2],
    ['queue --json', 2],
    ['mget --connections 99 --json x', 2],
    ['list --nope --json', 2],
    ['queue add a --on-conflict ask --json', 2],
    ['help sget --json', 0],
    ['--version --json', 0],
  ];
  const ran = await Promise.all(cases.map(([line]) => runProgram(line.split(' '))));
  for (const [index, [line, status]] of cases.entries()) {
    const one = ran[index];
    assert.ok(one !== undefined);
    assertEnd(one, status, status === 0 ? null : 'usage', line);
  }

  // After -- the word is a name, and the server program has options of its own.
  for (const words of [
    ['list', 'a', 'b', '--', '--json'],
    ['serve', '--json'],
  ]) {
    assert.equal((await runProgram(words)).stdout, '', words.join(' '));
  }
});

test('an interruption, a second one and a fault of the program also have their event', async t => {
  let asked = 0;
  const {host, port} = await startHostileServer(t, () => {
    asked++;
  });
  const target = temporaryFolder(t);
  const fault = `data:text/javascript,process.once('SIGUSR2',()=>{throw new Error('a fault')})`;
  const environment = {NODE_OPTIONS: `--import "${fault}"`};
  for (const [words, signals, status, code] of [
    [['list'], ['SIGINT'], 130, 'aborted'],
    [['sget', 'a', '-o', target], ['SIGTERM'], 130, 'aborted'],
    [['mget', '*', '-o', target], ['SIGINT', 'SIGINT'], 130, 'aborted'],
    // The terminal of the program was closed.
    [['list'], ['SIGHUP'], 130, 'aborted'],
    [['hash', 'a'], ['SIGUSR2'], 1, 'internal'],
  ] as const) {
    const line = [...words, '--json', '-s', `${host}:${port}`];
    const {child, ended} = start(line, environment);
    const before = asked;
    await until(() => asked > before);
    for (const signal of signals) {
      child.kill(signal);
    }

    assertEnd(await ended, status, code, words.join(' '));
  }
});
