/** Where journeys begin: a served folder, an empty one to save to, and the programs as built. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {type RunningServer, type ServerOptions, startServer} from '../../server/server.ts';
import {temporaryFolder} from '../fixtures/harness.ts';
import {Terminal, type TerminalOptions} from '../fixtures/terminal.ts';

export const MiB = 1_048_576;

type JourneyOptions = TerminalOptions & {
  /** Files of the server, by path. */
  files?: Readonly<Record<string, Uint8Array | string>>;
  server?: Partial<ServerOptions>;
  /** The text of the user's configuration. Default: there is none. */
  config?: string;
};

type Journey = {
  /** The served folder, and the one that downloads go to. */
  root: string;
  target: string;
  server: RunningServer;
  /** Open the full-screen client, or run a command, against the server. */
  jangada(words?: readonly string[], options?: TerminalOptions): Terminal;
  /** Write into the target folder. */
  keep(name: string, content: Uint8Array | string): void;
  /** The content of the file `name` in the target folder; undefined if there is none. */
  saved(name: string): Buffer | undefined;
};

/** Commands that have nothing to do with the target folder. */
const savesNothing: ReadonlySet<string> = new Set(['list', 'hash', 'queue']);

/** A server on `files`; all is gone at the end of the test. */
export async function startJourney(t: TestContext, options: JourneyOptions = {}): Promise<Journey> {
  const {files = {}, server: serverOptions, config, ...terminalOptions} = options;
  const folder = temporaryFolder(t);
  const root = join(folder, 'root');
  const target = join(folder, 'target');
  mkdirSync(root);
  mkdirSync(target);
  for (const [name, content] of Object.entries(files)) {
    write(join(root, name), content);
  }

  if (config !== undefined) {
    write(join(folder, 'config/config.json'), config);
  }

  const server = await startServer({root, port: 0, ...serverOptions});
  t.after(() => server.close({graceMs: 0}));
  return {
    root,
    target,
    server,
    jangada: (words = [server.address], own = {}) =>
      startJangada(t, savesNothing.has(words[0] ?? '') ? words : [...words, '--to', target], {
        ...terminalOptions,
        ...own,
        environment: {
          JANGADA_SERVER: server.address,
          JANGADA_STATE: join(folder, 'state'),
          JANGADA_CONFIG: join(folder, 'config'),
          ...terminalOptions.environment,
          ...own.environment,
        },
      }),
    keep: (name, content) => write(join(target, name), content),
    saved(name) {
      const file = join(target, name);
      return existsSync(file) ? readFileSync(file) : undefined;
    },
  };
}

/** The command line of a built program. */
export function programWords(
  name: 'jangada' | 'jangada-server',
  words: readonly string[],
): string[] {
  const program = fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));
  return [process.execPath, program, ...words];
}

/** The client as it was built, in a terminal. */
export function startJangada(
  t: TestContext,
  words: readonly string[],
  options: TerminalOptions = {},
): Terminal {
  const own = temporaryFolder(t);
  const environment = {JANGADA_STATE: own, JANGADA_CONFIG: own, ...options.environment};
  return Terminal.start(t, programWords('jangada', words), {...options, environment});
}

/** The words of a shell that runs `program` with so many open files at most. */
export function limited(openFiles: number, program: readonly string[]): string[] {
  return ['bash', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'bash', ...program];
}

/**
 * The server as it was built, as a process of its own. Resolves with its address.
 *
 * @param options.openFiles descriptors that it may have. Default: those of this process.
 */
export async function startServerProgram(
  t: TestContext,
  words: readonly string[],
  {openFiles}: {openFiles?: number} = {},
): Promise<{address: string; child: ChildProcess}> {
  const program = programWords('jangada-server', words);
  const [file = '', ...rest] = openFiles === undefined ? program : limited(openFiles, program);
  const child = spawn(file, rest, {stdio: ['ignore', 'pipe', 'ignore']});
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
  });
  const [address] = await once(createInterface({input: child.stdout}), 'line');
  return {address, child};
}

function write(file: string, content: Uint8Array | string): void {
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, content);
}
