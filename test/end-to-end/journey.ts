/** The start of most tests here: a served folder, an empty target folder, and the built programs. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
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
  /** The files of the server, by path. */
  files?: Readonly<Record<string, Uint8Array | string>>;
  server?: Partial<ServerOptions>;
  /** The text of the user's configuration file. Default: no file. */
  config?: string;
};

type Journey = {
  /** The served folder, and the folder for downloads. */
  root: string;
  target: string;
  server: RunningServer;
  /** Open the full screen, or run a command, with this server. */
  jangada(words?: readonly string[], options?: TerminalOptions): Terminal;
  /** Write a file in the target folder. */
  keep(name: string, content: Uint8Array | string): void;
  /** The content of the file `name` in the target folder; undefined without such a file. */
  saved(name: string): Buffer | undefined;
};

/** Commands that take no `--to`. */
const savesNothing: ReadonlySet<string> = new Set(['list', 'hash', 'queue']);

/** Start a server of `files`. Everything is removed at the end of the test. */
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
      try {
        return readFileSync(join(target, name));
      } catch (error) {
        // The program may remove the file at any moment, so nothing looks for it first.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
          return undefined;
        }

        throw error;
      }
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

/** Start the built client in a terminal. */
export function startJangada(
  t: TestContext,
  words: readonly string[],
  options: TerminalOptions = {},
): Terminal {
  const own = temporaryFolder(t);
  const environment = {JANGADA_STATE: own, JANGADA_CONFIG: own, ...options.environment};
  return Terminal.start(t, programWords('jangada', words), {...options, environment});
}

/** The command line that runs `program` with at most this many open files. */
export function limited(openFiles: number, program: readonly string[]): string[] {
  return ['bash', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'bash', ...program];
}

/**
 * Start the built server as a process of its own. Resolves with its address.
 *
 * @param options.openFiles the limit of its open files. Default: that of this process.
 * @param options.under the command that runs the server's command line, and becomes it.
 */
export async function startServerProgram(
  t: TestContext,
  words: readonly string[],
  {openFiles, under = []}: {openFiles?: number; under?: readonly string[]} = {},
): Promise<{address: string; child: ChildProcess}> {
  const program = [...under, ...programWords('jangada-server', words)];
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
