/**
 * `npm start`: serves files/ on loopback and opens the full-screen client on it. Without a terminal it does the same with
 * plain lines: list, download all, verify, summary.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdir, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {createInterface} from 'node:readline';

const root = path.join(import.meta.dirname, '..');
const shared = path.join(root, 'files');
const target = 'downloads';
/** The folder for the client's queue, which is empty at each start. Not in dist/, because the package ships dist/. */
const state = path.join(root, '.state');
/** Bytes per second: slow enough to watch the download of the largest file. */
const rate = '1500k';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const interrupt = new AbortController();

async function main(): Promise<number> {
  for (const signal of signals) {
    process.on(signal, () => interrupt.abort(signal));
  }

  const fullScreen = process.stdin.isTTY && process.stdout.isTTY;
  await buildPrograms();
  await rm(state, {recursive: true, force: true});
  interrupt.signal.throwIfAborted();
  await using server = await startServer(fullScreen);
  return fullScreen ? await openScreen(server.address) : await runPlainly(server.address);
}

/** Print a message before loading the builder, because loading it takes a second on a slow machine. */
async function buildPrograms(): Promise<void> {
  console.error('Building jangada ...');
  const {build} = await import('./build.ts');
  await build({types: false});
}

type Server = AsyncDisposable & {address: string};

async function startServer(quietly: boolean): Promise<Server> {
  const args = [shared, '--port', '0', '--limit', rate, '--log-level', 'warn'];
  const child = spawn(process.execPath, [program('jangada-server'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C is for the client; this program stops the server after it.
    detached: ownGroup,
  });
  // Log lines would damage the screen, so print them after it has closed.
  let log = '';
  child.stderr.on('data', chunk => {
    if (quietly) {
      log = `${log}${chunk}`.slice(-4000);
    } else {
      process.stderr.write(chunk);
    }
  });
  const server = {
    address: '',
    async [Symbol.asyncDispose]() {
      await stop(child);
      process.stderr.write(log);
    },
  };
  try {
    server.address = await firstLine(child, child.stdout);
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

function program(name: string): string {
  return path.join(root, 'dist', `${name}.js`);
}

// On Windows, a separate process group would open a separate window.
const ownGroup = process.platform !== 'win32';

async function firstLine(child: ChildProcess, output: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({input: output});
  const ended = once(child, 'exit', {signal: interrupt.signal}).then(([status]) => {
    throw new Error(`The server ended with ${status} before it served anything`);
  });
  const [line] = await Promise.race([once(lines, 'line'), ended]);
  return line;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }

  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(impatience);
}

function openScreen(address: string): Promise<number> {
  return runClient([address, '--to', target], {detached: false});
}

async function runPlainly(address: string): Promise<number> {
  const files = await filesUnder(shared);
  const before = await countCopies(files);
  const steps = [
    ['list'],
    ['mget', '**', '--to', target, '--on-conflict', 'resume'],
    ['verify', ...files.keys(), '--to', target],
  ];
  for (const step of steps) {
    const status = await runClient([...step, '--server', address], {detached: ownGroup});
    if (status !== 0) {
      return status;
    }
  }

  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
  const there = before === files.size ? 'all' : before;
  console.log(
    `${files.size} files, ${(bytes / 1e6).toFixed(2)} MB, complete and verified in ${target}/` +
      (before === 0 ? '' : ` (${there} were there before)`),
  );
  return 0;
}

/** Sizes of all files below `folder`, by their paths under it, with slashes. */
async function filesUnder(folder: string): Promise<Map<string, number>> {
  const files = new Map<string, number>();
  for (const entry of await readdir(folder, {recursive: true, withFileTypes: true})) {
    if (entry.isFile()) {
      const file = path.join(entry.parentPath, entry.name);
      const name = path.relative(folder, file).replaceAll(path.sep, '/');
      files.set(name, (await stat(file)).size);
    }
  }

  return files;
}

/** How many of `files` are already in the target folder, judged by their sizes. */
async function countCopies(files: ReadonlyMap<string, number>): Promise<number> {
  let count = 0;
  for (const [name, size] of files) {
    const copy = await stat(path.join(root, target, name)).catch(() => undefined);
    count += copy?.size === size ? 1 : 0;
  }

  return count;
}

/** Run the client, and pass signals on to it. @returns its exit status. */
async function runClient(
  args: readonly string[],
  {detached}: {detached: boolean},
): Promise<number> {
  interrupt.signal.throwIfAborted();
  const child = spawn(process.execPath, [program('jangada'), ...args], {
    cwd: root,
    // The port differs each time, so these transfers must not go into the user's own queue.
    env: {...process.env, JANGADA_STATE: state},
    stdio: [detached ? 'ignore' : 'inherit', 'inherit', 'inherit'],
    detached,
  });
  const passOn = () => child.kill(interrupt.signal.reason);
  interrupt.signal.addEventListener('abort', passOn);
  try {
    const [status] = await once(child, 'exit');
    return status ?? 1;
  } finally {
    interrupt.signal.removeEventListener('abort', passOn);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (interrupt.signal.aborted) {
    process.exitCode = 130;
  } else {
    console.error(`npm start: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
