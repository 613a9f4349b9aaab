/** A shell in a terminal that completes lines with the built program, and reports the words that it would have run. */
import {spawnSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type {TestContext} from 'node:test';
import {temporaryFolder, until} from '../../fixtures/harness.ts';
import {Terminal} from '../../fixtures/terminal.ts';

const dist = path.join(import.meta.dirname, '../../../dist');

/** This code is loaded before the program. It lets the program wait longer than a second for the names on a server. */
const preloaded = `
  const {timeout} = AbortSignal;
  AbortSignal.timeout = ms => timeout.call(AbortSignal, ms === 1000 ? 60_000 : ms);`;

/** Variables with which a busy machine completes names on a server, too. */
export const patient = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preloaded)}`,
};

export const shellNames = ['bash', 'zsh', 'fish'] as const;
type ShellName = (typeof shellNames)[number];

type Start = {
  words: string[];
  /** The line that loads the completion. It is typed first. */
  load: string;
  /** The content of `.zshrc`, which an interactive zsh reads at its start. */
  zshrc?: string;
};

const starts: Record<ShellName, Start> = {
  bash: {
    words: ['bash', '--norc', '--noprofile', '-i'],
    load: `PS1='$ '; bind 'set bell-style none'; source <(jangada completion bash); source <(jangada-server completion bash)`,
  },
  zsh: {
    words: ['zsh', '-f', '-i'],
    load: `PS1='$ '; autoload -U compinit; compinit -D -u; source <(jangada completion zsh); source <(jangada-server completion zsh)`,
  },
  fish: {
    words: ['fish', '--no-config', '-i'],
    load: `function fish_prompt; echo '$ '; end; jangada completion fish | source; jangada-server completion fish | source`,
  },
};

/** Why completion in `shell` cannot be tested; false if it can. */
export function missing(shell: ShellName): string | false {
  return spawnSync(shell, ['-c', 'true']).status === 0 ? false : `${shell} is not installed`;
}

export type CompletingShell = {
  readonly terminal: Terminal;
  /** The current folder of the shell. */
  readonly folder: string;
  /** Type `keys`, in which `\t` is the key Tab, then Enter. @returns the words with which `jangada` was run. */
  run(keys: string): Promise<string[]>;
};

/** @param environment for the program, for example JANGADA_SERVER. */
export async function startShell(
  t: TestContext,
  shell: ShellName,
  environment: Readonly<Record<string, string>> = {},
  {words, load, zshrc}: Start = starts[shell],
): Promise<CompletingShell> {
  const home = temporaryFolder(t);
  const folder = path.join(home, 'here');
  const bin = path.join(home, 'bin');
  const record = path.join(home, 'record');
  mkdirSync(folder);
  mkdirSync(bin);
  for (const program of ['jangada', 'jangada-server']) {
    // These scripts run the program to complete words, but only record the words of any other command.
    writeFileSync(
      path.join(bin, program),
      `#!/bin/sh
case $1 in
  __complete | completion) exec '${process.execPath}' '${dist}/${program}.js' "$@" ;;
esac
{ printf '%s\\0' "$@"; } > '${record}.new'
mv '${record}.new' '${record}'
`,
    );
    chmodSync(path.join(bin, program), 0o755);
  }

  if (zshrc !== undefined) {
    writeFileSync(path.join(home, '.zshrc'), zshrc);
  }

  const terminal = Terminal.start(t, words, {
    folder,
    columns: 200,
    environment: {
      HOME: home,
      PATH: `${bin}:${process.env.PATH}`,
      JANGADA_STATE: path.join(home, 'state'),
      JANGADA_CONFIG: path.join(home, 'config'),
      NODE_COMPILE_CACHE: path.join(home, 'compiled'),
      ...patient,
      ...environment,
    },
  });
  const run = async (keys: string) => {
    rmSync(record, {force: true});
    terminal.type(`${keys}\r`);
    await until(() => existsSync(record));
    return readFileSync(record, 'utf8').split('\0').slice(0, -1);
  };
  terminal.type(` ${load}\r`);
  // The completion is loaded when the shell runs the next line.
  await run('jangada ready');
  return {terminal, folder, run};
}
