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
  // A command that shows bars gives the terminal back when the process exits; only after that is there room for a line.
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
    // `process.exit` does not wait for a server that does not answer.
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

        // The variable decides whether bars are ASCII; the configuration decides where the variable is not set.
        const {ascii, screenReader} = config.settings;
        process.env.JANGADA_ASCII ||= ascii === undefined ? '' : ascii ? '1' : '0';
        process.env.INK_SCREEN_READER ||= screenReader === true ? 'true' : '';
      }

      const {runCommand} = await import('./commands/run-command.ts');
      const {stdout, stderr, env: environment} = process;
      const checked = command === 'config' ? await withCheckedKeys(config) : config;
      return runCommand(command, inputs, options, {
        // Node opens the stream on first use. That takes longer than to read the listing of a folder.
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

/** `config` with its keys checked, if it sets any: only then is the code of the full screen loaded. */
async function withCheckedKeys(config: Config): Promise<Config> {
  if (config.settings.keys === undefined) {
    return config;
  }

  const {withOwnKeys} = await import('./own-keys.ts');
  return withOwnKeys(config, config.settings.keys);
}

async function print(text: string): Promise<ExitStatus> {
  // The failed write reports the same error.
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

/** The completions for the cursor of a shell; undefined after `serve`, where the server program completes. */
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
  // The server program handles unexpected errors itself.
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
    // The screen handles unexpected errors itself: it gives the terminal back before it prints a line about them.
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
