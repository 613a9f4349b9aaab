/** A machine: a network namespace with an address, and a home of its own for what runs there. */
import assert from 'node:assert/strict';
import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import type {TestContext} from 'node:test';
import {temporaryFolder} from '../fixtures/harness.ts';
import {Terminal} from '../fixtures/terminal.ts';
import {programWords} from './journey.ts';

export type Running = {
  stdout: string;
  stderr: string;
  status: number | undefined;
  signal(signal: NodeJS.Signals): void;
};

export type Machine = {
  home: string;
  /** The current folder of what runs there. */
  work: string;
  /** Run a line of a shell. */
  run(line: string): Running;
  screen(line: string): Terminal;
};

/** @param namespace one that has its network already. */
export function machineIn(t: TestContext, namespace: string): Machine {
  return machineAt(t, temporaryFolder(t), ['ip', 'netns', 'exec', namespace]);
}

/**
 * @param home an empty folder.
 * @param enter words in front of a command that runs there, which become that command.
 */
export function machineAt(t: TestContext, home: string, enter: readonly string[]): Machine {
  const [enterProgram = '', ...enterWords] = enter;
  const work = join(home, 'work');
  mkdirSync(work);
  const programs = join(home, 'bin');
  mkdirSync(programs);
  for (const name of ['jangada', 'jangada-server'] as const) {
    const [node, file] = programWords(name, []);
    writeFileSync(join(programs, name), `#!/bin/sh\nexec '${node}' '${file}' "$@"\n`);
    chmodSync(join(programs, name), 0o755);
  }

  const environment = {
    HOME: home,
    PATH: `${programs}:${process.env.PATH}`,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
  };
  const shell = (line: string) => [...enterWords, 'bash', '-c', line];
  return {
    home,
    work,
    run(line) {
      const child = spawn(enterProgram, shell(line), {
        cwd: work,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const running: Running = {
        stdout: '',
        stderr: '',
        status: undefined,
        signal: signal => child.kill(signal),
      };
      child.stdout.setEncoding('utf8').on('data', text => {
        running.stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', text => {
        running.stderr += text;
      });
      const closed = new Promise<void>(resolve => {
        child.on('close', status => {
          running.status = status ?? 255;
          resolve();
        });
      });
      t.after(() => end(child, closed));
      return running;
    },
    screen: line => Terminal.start(t, [enterProgram, ...shell(line)], {folder: work, environment}),
  };
}

/** What enters the machine and `bash -c` of one command become that command: it is the program that is ended. */
async function end(child: ChildProcess, closed: Promise<void>): Promise<void> {
  child.kill();
  await closed;
}

export function ip(...words: string[]) {
  return spawnSync('ip', words, {encoding: 'utf8'});
}

/** Run a command of `ip`, which has to succeed. */
export function must(...words: string[]): void {
  const {status, stderr} = ip(...words);
  assert.equal(status, 0, `ip ${words.join(' ')}: ${stderr}`);
}

/** Why there cannot be two machines here; false if there can. */
export function cannotConnect(): string | false {
  const name = `jangada-${process.pid}`;
  const isPermitted =
    ip('netns', 'add', name).status === 0 &&
    ip('-n', name, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'other').status === 0;
  ip('netns', 'delete', name);
  return isPermitted ? false : 'ip is not installed, or may not make namespaces with a network';
}
