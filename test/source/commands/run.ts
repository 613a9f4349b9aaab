/** Runs commands for tests: in this process with captured streams, or as the real program. */
import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {PassThrough, Writable} from 'node:stream';
import {after} from 'node:test';
import {fileURLToPath} from 'node:url';
import {parseArguments} from '../../../source/commands/arguments/parse.ts';
import {runCommand} from '../../../source/commands/run-command.ts';
import {withTypeScript} from '../../fixtures/with-typescript.ts';

export type Ran = {status: number | null; stdout: string; stderr: string};

const program = fileURLToPath(new URL('../../../source/cli.ts', import.meta.url));

/** A stream that keeps the text written to it. With `columns`, it is a terminal of that width. */
export class Captured extends Writable {
  text = '';
  readonly isTTY?: true;
  readonly columns?: number;

  constructor(columns?: number) {
    super({decodeStrings: false});
    if (columns !== undefined) {
      this.isTTY = true;
      this.columns = columns;
    }
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/** A terminal in which the user types `lines`. */
export function typed(...lines: string[]): NodeJS.ReadStream {
  const input = new PassThrough();
  input.end(lines.map(line => `${line}\n`).join(''));
  // The command only uses that a terminal is one.
  return Object.assign(input, {isTTY: true}) as unknown as NodeJS.ReadStream;
}

/** Run a plain command in this process, like `jangada WORDS`. */
export async function runHere(
  words: readonly string[],
  streams: {
    stdin?: NodeJS.ReadStream;
    stdout?: Captured;
    stderr?: Captured;
    environment?: NodeJS.ProcessEnv;
  } = {},
): Promise<Ran> {
  const {environment = {}} = streams;
  const invocation = parseArguments(words, environment);
  if (invocation.do !== 'run' || invocation.command === 'open') {
    throw new Error('not a plain command');
  }

  const stdout = streams.stdout ?? new Captured();
  const stderr = streams.stderr ?? new Captured();
  const stdin = streams.stdin ?? (new PassThrough() as unknown as NodeJS.ReadStream);
  const status = await runCommand(invocation.command, invocation.inputs, invocation.options, {
    stdin,
    stdout,
    stderr,
    environment: {
      TERM: 'xterm',
      LANG: 'C.UTF-8',
      JANGADA_STATE: stateFolder,
      JANGADA_CONFIG: stateFolder,
      ...environment,
    },
  });
  return {status, stdout: stdout.text, stderr: stderr.text};
}

/** The folder for state and configuration of the programs in this run of the tests. */
export const stateFolder = mkdtempSync(join(tmpdir(), 'jangada-state-'));
const running = new Set<ChildProcess>();
after(() => {
  // Programs of tests that took too long.
  for (const child of running) {
    child.kill('SIGKILL');
  }

  rmSync(stateFolder, {recursive: true, force: true});
});

/** Start the real program without a terminal. */
export function start(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [...withTypeScript, program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      JANGADA_SERVER: '',
      JANGADA_STATE: stateFolder,
      JANGADA_CONFIG: stateFolder,
      ...environment,
    },
  });
  running.add(child);
  const ran: Ran = {status: null, stdout: '', stderr: ''};
  child.stdout.setEncoding('utf8').on('data', text => {
    ran.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', text => {
    ran.stderr += text;
  });
  const ended = new Promise<Ran>(resolve => {
    child.on('close', status => {
      running.delete(child);
      resolve({...ran, status});
    });
  });
  return {child, ran, ended};
}

/** Run the real program to its end. */
export async function runProgram(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  return start(words, environment).ended;
}
