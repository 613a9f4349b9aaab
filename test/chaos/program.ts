/** The two built programs as child processes, which always end with this process. */
import {type ChildProcess, spawn} from 'node:child_process';
import {join} from 'node:path';
import process from 'node:process';
import {within} from './within.ts';

type Program = 'jangada' | 'jangada-server';

/** How a program ended: its status, or the signal that killed it. */
type Ending = {status: number | null; signal: NodeJS.Signals | null};

const dist = join(import.meta.dirname, '../../dist');
const running = new Set<ChildProcess>();

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(1));
}

/** Kill all children that still run. */
function killAll(): void {
  for (const child of running) {
    child.kill('SIGKILL');
  }
}

export class RunningProgram {
  stdout = '';
  stderr = '';
  /** Resolves when the program has ended and all of its output has arrived. */
  readonly ended: Promise<Ending>;
  ending: Ending | undefined;
  readonly #name: Program;
  readonly #child: ChildProcess;

  /** @param home the folder for all files outside the folders that `words` name. */
  constructor(name: Program, words: readonly string[], home: string) {
    this.#name = name;
    const child = spawn(process.execPath, [join(dist, `${name}.js`), ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...{...process.env, ...homes(home), JANGADA_STATE: stateFolder(home)},
        ...{JANGADA_SERVER: '', JANGADA_DEBUG: ''},
      },
    });
    this.#child = child;
    running.add(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, signal) => {
        running.delete(child);
        this.ending = {status, signal};
        resolve(this.ending);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when the program has ended. @throws if it still runs after `ms`. */
  async end(ms: number): Promise<Ending> {
    return await within(ms, this.ended, `${this.#name} did not end`, () => this.stderr);
  }

  async kill(): Promise<Ending> {
    this.signal('SIGKILL');
    return await this.end(30_000);
  }
}

/** Start a server of `root` on `port`. Resolves when it accepts connections. */
export async function startServer(
  root: string,
  port: number,
  home: string,
  options: readonly string[] = [],
): Promise<RunningProgram> {
  const words = [root, '--port', String(port), '--log-level', 'warn', ...options];
  const server = new RunningProgram('jangada-server', words, home);
  const deadline = performance.now() + 60_000;
  while (!server.stdout.includes('\n')) {
    if (server.ending !== undefined || performance.now() > deadline) {
      throw new Error(`The server did not start: ${server.stderr}`);
    }

    await new Promise(resolve => setTimeout(resolve, 5));
  }

  return server;
}

/** The folder in which programs with this home keep their queue. */
export function stateFolder(home: string): string {
  return join(home, 'state');
}

/** @throws if `text`, the output of a program, has a stack trace or an internal error. */
export function refuseStackTrace(who: string, text: string): void {
  if (/^\s+at .+:\d+:\d+/m.test(text) || /"level":[56]0|\binternal\b|TypeError/.test(text)) {
    throw new Error(`The ${who} said what nobody should see:\n${text}`);
  }
}

function homes(home: string): NodeJS.ProcessEnv {
  const folders = ['XDG_STATE_HOME', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'HOME'];
  return Object.fromEntries(folders.map(name => [name, home]));
}
