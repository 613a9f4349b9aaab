/** A machine: a network namespace with an address, and a home folder for its programs. */
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
  /** The current folder of its programs. */
  work: string;
  /** Run a line in a shell. */
  run(line: string): Running;
  screen(line: string): Terminal;
};

/** @param namespace a namespace that already has its network. */
export function machineIn(t: TestContext, namespace: string): Machine {
  return machineAt(t, temporaryFolder(t), ['ip', 'netns', 'exec', namespace]);
}

/**
 * @param home an empty folder.
 * @param enter the words before a command that run it on the machine, and become it by `exec`.
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

/** End the program: the command that enters the machine, and `bash -c`, have become the program itself. */
async function end(child: ChildProcess, closed: Promise<void>): Promise<void> {
  child.kill();
  await closed;
}

export function ip(...words: string[]) {
  return spawnSync('ip', words, {encoding: 'utf8'});
}

/** Run a command of `ip`. @throws if it fails. */
export function must(...words: string[]): void {
  const {status, stderr} = ip(...words);
  assert.equal(status, 0, `ip ${words.join(' ')}: ${stderr}`);
}

/** Why this system cannot have two machines with a network; false if it can. */
export function cannotConnect(): string | false {
  const name = `jangada-${process.pid}`;
  const isPermitted =
    ip('netns', 'add', name).status === 0 &&
    ip('-n', name, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'other').status === 0;
  ip('netns', 'delete', name);
  return isPermitted ? false : 'ip is not installed, or may not make namespaces with a network';
}
