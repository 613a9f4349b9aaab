/** Types lines on a machine, and checks their effect. */
import assert from 'node:assert/strict';
import {mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import process from 'node:process';
import type {Machine, Running} from '../../end-to-end/machine.ts';
import {treeOf, until} from '../../fixtures/harness.ts';

/** Run a line until it ends, with this status. @returns its standard output. */
export async function type(machine: Machine, line: string, status = 0): Promise<string> {
  const run = machine.run(line);
  await until(() => run.status !== undefined);
  assert.equal(run.status, status, `${line}\n${run.stdout}\n${run.stderr}`);
  return run.stdout;
}

/** Start a server. @returns its address once the server is ready, and its process. */
export async function serve(machine: Machine, line: string): Promise<[string, Running]> {
  const run = machine.run(line);
  await until(() => run.stdout.includes('\n') || run.status !== undefined);
  assert.equal(run.status, undefined, `${line}\n${run.stderr}`);
  return [run.stdout.trim(), run];
}

/** Stop a server, which must end with status 0. */
export async function stop(run: Running): Promise<void> {
  run.signal('SIGTERM');
  await until(() => run.status !== undefined);
  assert.equal(run.status, 0, run.stderr);
}

/** Open the full screen, wait until it shows `wanted`, and quit. */
export async function look(machine: Machine, line: string, wanted: RegExp): Promise<void> {
  const screen = machine.screen(line);
  await screen.waitFor(wanted);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0, line);
}

/** Remove everything in a folder. */
export function empty(folder: string): void {
  for (const name of readdirSync(folder)) {
    rmSync(join(folder, name), {recursive: true});
  }
}

export function write(file: string, content: Uint8Array | string): void {
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, content);
}

/** Matches a line of a page as it is printed here, where digests, times and percentages have other digits. */
export function likeness(line: string): RegExp {
  const literal = line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `^${literal.replaceAll(/[0-9a-f]+…[0-9a-f]*/g, '[0-9a-f]{64}').replaceAll(/\d+ (?=ms|%)/g, '\\d+ ')}$`,
    'm',
  );
}

/** Check that the folder has exactly these files, then empty it. */
export function hasFiles(folder: string, wanted: ReadonlyMap<string, Uint8Array>): void {
  const there = treeOf(folder);
  assert.deepEqual([...there.keys()].sort(), [...wanted.keys()].sort());
  for (const [name, content] of wanted) {
    assert.ok(there.get(name)?.equals(content), name);
  }

  empty(folder);
}

/** The metrics of the server at this address. */
export function numbersAt(machine: Machine, address: string): Promise<string> {
  const program = 'fetch(process.argv[1]).then(async answer => console.log(await answer.text()))';
  return type(machine, `'${process.execPath}' -e '${program}' http://${address}/metrics`);
}

/** The value of the metric `name` in these metrics. */
export function numberOf(numbers: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(numbers)?.[1]);
}
