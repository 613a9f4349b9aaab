#!/usr/bin/env node
/** The `jangada` program: reads the command line, and imports the command or the full screen. */
import '../protocol/program/supported-node.ts';
import './memory-budget.ts';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {JangadaError} from '../protocol/errors.ts';
import {leaveDeletedFolder} from '../protocol/program/local-path.ts';
import {setNotation} from '../protocol/program/notation.ts';
import type {Options} from './commands/arguments/option-values.ts';
import {parseArguments} from './commands/arguments/parse.ts';
import {describeError} from './commands/errors/describe-error.ts';
import {unwritten} from './commands/errors/unwritten.ts';
import {type ExitStatus, exitStatus} from './commands/exit-status.ts';
import {asksForJson, endLine} from './commands/results/json-results.ts';
import {allDone, outcomeOfError} from './commands/results/outcome.ts';
import type {Config} from './config/config.ts';

process.on('uncaughtException', onUncaught);
const status = await main(process.argv.slice(2));
if (status !== undefined) {
  process.exitCode = status;
}

function onUncaught(error: unknown): void {
  // A command that shows bars gives the terminal back on its way out; only then is there room for a line.
  process.once('exit', () => complain(error));
  process.exit(exitStatus.failed);
}

/** @returns undefined for the server program, which sets the exit status itself. */
async function main(words: readonly string[]): Promise<ExitStatus | undefined> {
  try {
    return await run(words);
  } catch (error) {
    complain(error);
    const outcome = outcomeOfError(error);
    if (asksForJson(words)) {
      await print(endLine(outcome));
    }

    return outcome.status;
  }
}

async function run(words: readonly string[]): Promise<ExitStatus | undefined> {
  const {loadConfig, mistakeLine} = await import('./config/config.ts');
  const config = await loadConfig(process.env);
  const invocation = parseArguments(words, process.env, config.settings);
  const lastEvent = asksForJson(words) ? endLine(allDone) : '';
  switch (invocation.do) {
    case 'help': {
      if (invocation.topic === 'serve') {
        return serve(['--help']);
      }

      const {helpText} = await import('./commands/arguments/help.ts');
      return print(`${helpText(invocation.topic)}${lastEvent}`);
    }

    case 'version':
      return print(`${version()}\n${lastEvent}`);
    case 'serve':
      return serve(invocation.words);
    case 'run': {
      setNotation(config.settings);
      const {command, inputs, options} = invocation;
      if (command === 'open') {
        return openScreen(options, await withOwnKeys(config));
      }

      if (command !== 'config') {
        for (const mistake of config.mistakes) {
          process.stderr.write(`jangada: ${mistakeLine(config, mistake)}\n`);
        }

        // Bars are drawn as the variable says, and as the configuration does without it.
        const {ascii, screenReader} = config.settings;
        process.env.JANGADA_ASCII ||= ascii === undefined ? '' : ascii ? '1' : '0';
        process.env.INK_SCREEN_READER ||= screenReader === true ? 'true' : '';
      }

      const {runCommand} = await import('./commands/run-command.ts');
      const {stdin, stdout, stderr, env: environment} = process;
      const checked = command === 'config' ? await withOwnKeys(config) : config;
      const surroundings = {stdin, stdout, stderr, environment, config: checked};
      return runCommand(command, inputs, options, surroundings);
    }
  }
}

/** `config` with its keys checked; those that are right are the keys of the full screen from now on. */
async function withOwnKeys(config: Config): Promise<Config> {
  const wanted = config.settings.keys;
  if (wanted === undefined) {
    return config;
  }

  const [{withKeys}, {customise}, {setBindings, standardBindings}] = await Promise.all([
    import('./config/config.ts'),
    import('./tui/keys/custom-keys.ts'),
    import('./tui/keys/keymap.ts'),
  ]);
  const {bindings, keys, mistakes} = customise(standardBindings, wanted);
  setBindings(bindings);
  return withKeys(config, keys, mistakes);
}

async function print(text: string): Promise<ExitStatus> {
  // The write says so, too.
  process.stdout.on('error', () => {});
  const error = await new Promise<Error | null | undefined>(resolve => {
    process.stdout.write(text, resolve);
  });
  const line = error ? unwritten(error) : undefined;
  if (line === undefined) {
    return exitStatus.done;
  }

  process.stderr.write(`jangada: ${line}\n`);
  return exitStatus.failed;
}

function version(): string {
  // One folder up, from the source as from the built program.
  const {version} = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as {version: string};
  return version;
}

/** Becomes the server program. */
async function serve(words: readonly string[]): Promise<undefined> {
  const program = new URL(
    import.meta.url.endsWith('.ts') ? '../server/cli.ts' : './jangada-server.js',
    import.meta.url,
  );
  // It has its own way with errors that nobody expected.
  process.off('uncaughtException', onUncaught);
  process.argv = [process.argv[0] ?? 'node', fileURLToPath(program), ...words];
  await import(program.href);
}

async function openScreen(options: Options, config: Config): Promise<ExitStatus> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new JangadaError(
      'usage',
      'The full-screen client needs a terminal. Without one, use list, sget, mget, hash, cget, verify or queue: jangada help',
    );
  }

  leaveDeletedFolder();
  const {server, isServerGiven, to, mouse, written} = options;
  const {screenSettings} = await import('./config/screen-settings.ts');
  const {settings, complaint} = screenSettings(config, process.env, written);
  const [
    run,
    {askedLimits},
    {ServerBook},
    {KeptLinesFile},
    {Sessions},
    {openQueueStore},
    {stateFolder},
    {LimitSettings},
  ] = await Promise.all([
    settings.screenReader
      ? import('./tui/run-reader.ts').then(({runReader}) => runReader)
      : import('./tui/run-tui.tsx').then(({runTui}) => runTui),
    import('./commands/arguments/asked-limits.ts'),
    import('./servers/server-book.ts'),
    import('./kept-lines.ts'),
    import('./servers/sessions.ts'),
    import('./transfers/database/open-queue-store.ts'),
    import('../protocol/program/user-folders.ts'),
    import('./transfers/queue/queue.ts'),
  ]);
  const {store, notice} = openQueueStore(process.env);
  using _store = store;
  // Without the one, there is no place for the other.
  const state = store === undefined ? undefined : stateFolder(process.env);
  const book = new ServerBook(state);
  const kept =
    state === undefined ? {} : {kept: new KeptLinesFile(join(state, 'commands.history'))};
  const limits = new LimitSettings(askedLimits(options), store?.limits);
  const retries = written.retries === undefined ? undefined : options.retries;
  await using sessions = new Sessions({limits, store, retries});
  const start = isServerGiven
    ? {start: {session: sessions.begin(server), path: server.path}}
    : undefined;
  const said = {...(notice === undefined ? {} : {notice}), ...complaint};
  // The screen has its own way with errors that nobody expected: it gives the terminal back before
  // there is a line about them.
  process.off('uncaughtException', onUncaught);
  try {
    await run({
      sessions,
      book,
      folder: to,
      mouse: mouse && settings.mouse,
      settings,
      ...kept,
      ...start,
      ...said,
    });
  } finally {
    process.on('uncaughtException', onUncaught);
  }

  return exitStatus.done;
}

function complain(error: unknown): void {
  process.stderr.write(`jangada: ${describeError(error, process.env)}\n`);
}
