/**
 * A volume of GlusterFS with three copies of each file, on this machine:
 *
 *     mount ─┐              ┌─► brick 1 (a process, a folder)
 *     mount ─┼─► 192.0.2.1 ─┼─► brick 2
 *     mount ─┘    glusterd  └─► brick 3
 *
 * It needs its own namespaces (`run.ts`): there the daemons use their usual ports and folders, and end with the namespaces.
 */
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {until} from '../fixtures/harness.ts';

export const glusterPrograms = [
  '/usr/sbin/glusterd',
  '/usr/sbin/gluster',
  '/usr/sbin/glusterfs',
  '/dev/fuse',
];

/** Gluster refuses addresses of the loopback network for its bricks. */
const host = '192.0.2.1';
const volume = 'shared';
const pidFolder = `/run/gluster/vols/${volume}`;
const bricks = [1, 2, 3] as const;

export type BrickNumber = (typeof bricks)[number];

export class Gluster {
  readonly #folder: string;

  /** @param pingTimeoutSeconds the time after which a mount gives up a brick that does not answer. */
  static async start(folder: string, pingTimeoutSeconds: number): Promise<Gluster> {
    for (const own of ['/var/lib/glusterd', '/run/gluster', '/var/log/glusterfs']) {
      mkdirSync(own, {recursive: true});
      run('mount', '-t', 'tmpfs', 'none', own);
    }

    run('ip', 'address', 'replace', `${host}/32`, 'dev', 'lo');
    run('glusterd');
    await until(() => tries('gluster', 'volume', 'list'));
    const paths = bricks.map(number => `${host}:${join(folder, `brick-${number}`)}`);
    gluster('create', volume, 'replica', '3', ...paths, 'force');
    gluster('set', volume, 'network.ping-timeout', `${pingTimeoutSeconds}`);
    gluster('start', volume);
    return new Gluster(folder);
  }

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Add a mount of the volume. */
  async mount(path: string): Promise<void> {
    mkdirSync(path, {recursive: true});
    const {dev} = statSync(path);
    run('glusterfs', `--volfile-server=${host}`, `--volfile-id=${volume}`, path);
    await until(() => statSync(path).dev !== dev);
  }

  signalBrick(number: BrickNumber, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.#pid(number), signal);
  }

  /** Start killed bricks again, and wait until all copies are equal. */
  async restoreBricks(): Promise<void> {
    gluster('start', volume, 'force');
    await until(() => bricks.every(number => existsSync(`/proc/${this.#pid(number)}`)));
    await until(() => this.#unhealed() === 0, 60_000);
  }

  /** The number of files that are not equal on all bricks. A brick without a connection counts as one. */
  #unhealed(): number {
    const info = run('gluster', 'volume', 'heal', volume, 'info');
    const counts = [...info.matchAll(/^Number of entries: (.+)$/gm)].map(([, count]) =>
      Number(count),
    );
    return counts.length === bricks.length
      ? counts.reduce((sum, count) => sum + (Number.isNaN(count) ? 1 : count), 0)
      : bricks.length;
  }

  #pid(number: BrickNumber): number {
    const end = `${join(this.#folder, `brick-${number}`).replaceAll('/', '-')}.pid`;
    const file = readdirSync(pidFolder).find(name => name.endsWith(end));
    return Number(readFileSync(join(pidFolder, file ?? end), 'utf8'));
  }
}

function gluster(...words: string[]): string {
  return run('gluster', '--mode=script', 'volume', ...words);
}

/** @returns the output of the program. @throws with the output if the program fails. */
function run(program: string, ...words: string[]): string {
  const {status, stdout, stderr, error} = spawnSync(program, words, {encoding: 'utf8'});
  if (status !== 0) {
    throw new Error(`${[program, ...words].join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`);
  }

  return stdout;
}

function tries(program: string, ...words: string[]): boolean {
  return spawnSync(program, words).status === 0;
}
