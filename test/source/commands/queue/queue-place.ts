/** Commands for a queue in this process, with a server and a queue of their own. */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {parseArguments} from '../../../../source/commands/arguments/parse.ts';
import {runCommand} from '../../../../source/commands/run-command.ts';
import type {Queue} from '../../../../source/transfers/queue/queue.ts';
import {type Harness, startHarness, temporaryFolder} from '../../../fixtures/harness.ts';
import {listedIn} from '../../../fixtures/json-output.ts';
import {openQueueClient} from '../../../fixtures/queue/queue-client.ts';
import {Captured, type Ran, typed} from '../run.ts';

type Listed = {
  id: number;
  server: string;
  state: string;
  path: string;
  target: string;
  [field: string]: unknown;
};

type Place = Harness & {
  state: string;
  /** Run `jangada queue WORDS` with the queue of this test. */
  queueCommand(...words: string[]): Promise<Ran>;
  add(...words: string[]): Promise<Listed[]>;
  list(...words: string[]): Promise<Listed[]>;
  /** A queue like that of a full-screen client. */
  openClient(): Queue;
};

export async function startPlace(t: TestContext, limit?: number): Promise<Place> {
  const server = limit === undefined ? {} : {server: {limit}};
  const harness = await startHarness(t, server);
  const state = temporaryFolder(t);
  const queueCommand = (...words: string[]) => runIn(state, words);
  const json = async (...words: string[]) => {
    const ran = await queueCommand(...words, '--json');
    assert.equal(ran.status, 0, ran.stderr);
    return listedIn(ran.stdout) as Listed[];
  };
  return {
    ...harness,
    state,
    queueCommand,
    add: (...words) => json('add', ...words, '-s', harness.server.address, '-o', harness.target),
    list: (...words) => json('list', ...words),
    openClient: () =>
      openQueueClient(t, join(state, 'queue.db'), harness.server.address, {retries: 3}).queue,
  };
}

/** Run `jangada queue WORDS` in this process, with the queue in the folder `state`. */
export async function runIn(state: string, words: readonly string[]): Promise<Ran> {
  const invocation = parseArguments(['queue', ...words], {});
  if (invocation.do !== 'run' || invocation.command === 'open') {
    throw new Error('not a plain command');
  }

  const stdout = new Captured();
  const stderr = new Captured();
  const status = await runCommand(invocation.command, invocation.inputs, invocation.options, {
    stdin: typed(),
    stdout,
    stderr,
    environment: {JANGADA_STATE: state},
  });
  return {status, stdout: stdout.text, stderr: stderr.text};
}

export const nothing = 'The queue has nothing to fetch\n';

export const states = (rows: readonly Listed[]) => rows.map(row => `${row.path} ${row.state}`);
