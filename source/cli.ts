/** The `jangada` program: reads the command line, and imports the command or the full screen. */
import {readFileSync} from 'node:fs';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {nothing} from '../protocol/completion/answer.ts';
import {complete, completeWord} from '../protocol/completion/complete.ts';
import {completionScript} from '../protocol/completion/scripts.ts';
import {JangadaError} from '../protocol/errors.ts';
import {leaveDeletedFolder} from '../protocol/program/local-path.ts';
import {setNotation} from '../protocol/program/notation.ts';
import type {Options} from './commands/arguments/option-values.ts';
import {parseArguments} from './commands/arguments/parse.ts';
import {describeError} from './commands/errors/describe-error.ts';
import {unwritten} from './commands/errors/unwritten.ts';
import {type ExitStatus, exitStatus} from './commands/results/exit-status.ts';
import {asksForJson, endLine} from './commands/results/json-results.ts';
import {allDone, outcomeOfError} from './commands/results/outcome.ts';
import {type Config, loadConfig, mistakeLine} from './config/config.ts';
import {keepHeapSmall} from './memory-budget.ts';

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
  if (words[0] === completeWord) {
    const text = await completion(words.slice(1));
    // A server that does not answer holds nobody up.
    return text === undefined ? serve(words) : process.exit(await print(text));
  }

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
    case 'completion':
      return print(completionScript(invocation.shell, 'jangada'));
    case 'serve':
      return serve(invocation.words);
    case 'run': {
      keepHeapSmall();
      setNotation(config.settings);
      const {command, inputs, options} = invocation;
      if (command === 'open') {
        return showScreen(options, await withCheckedKeys(config));
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
      const {stdout, stderr, env: environment} = process;
      const checked = command === 'config' ? await withCheckedKeys(config) : config;
      return runCommand(command, inputs, options, {
        // Node makes a stream of it when it is asked for, which takes longer than to read a folder's list.
        get stdin() {
          return process.stdin;
        },
        stdout,
        stderr,
        environment,
        config: checked,
      });
    }
  }
}

/** `config` with its keys checked, if it has any: the code of the full screen is loaded for that. */
async function withCheckedKeys(config: Config): Promise<Config> {
  if (config.settings.keys === undefined) {
    return config;
  }

  const {withOwnKeys} = await import('./own-keys.ts');
  return withOwnKeys(config, config.settings.keys);
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

/** What can stand at the cursor of a shell; undefined behind `serve`, where the server program knows. */
async function completion(asked: readonly string[]): Promise<string | undefined> {
  const {completions} = await import('./commands/completion/completions.ts');
  let isForServer = false;
  const text = await complete(asked, words => {
    isForServer = words[0] === 'serve' && words.length > 1;
    return isForServer ? nothing : completions(words, process.env);
  });
  return isForServer ? undefined : text;
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

async function showScreen(options: Options, config: Config): Promise<ExitStatus> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new JangadaError(
      'usage',
      'The full-screen client needs a terminal. Without one, use list, sget, mget, hash, cget, verify or queue: jangada help',
    );
  }

  leaveDeletedFolder();
  const {openScreen} = await import('./open-screen.ts');
  await openScreen(options, config, {
    environment: process.env,
    // The screen has its own way with errors that nobody expected: it gives the terminal back before
    // there is a line about them.
    async meanwhile(shown) {
      process.off('uncaughtException', onUncaught);
      try {
        await shown();
      } finally {
        process.on('uncaughtException', onUncaught);
      }
    },
  });
  return exitStatus.done;
}

function complain(error: unknown): void {
  process.stderr.write(`jangada: ${describeError(error, process.env)}\n`);
}
