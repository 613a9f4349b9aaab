/** Lines that are typed on a machine, and what comes of them. */
import assert from 'node:assert/strict';
import {mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import process from 'node:process';
import type {Machine, Running} from '../../end-to-end/machine.ts';
import {treeOf, until} from '../../fixtures/harness.ts';

/** Run a line to its end, which has to be this one. @returns its standard output. */
export async function type(machine: Machine, line: string, status = 0): Promise<string> {
  const run = machine.run(line);
  await until(() => run.status !== undefined);
  assert.equal(run.status, status, `${line}\n${run.stdout}\n${run.stderr}`);
  return run.stdout;
}

/** Start a server. @returns its address, once it is ready. */
export async function serve(machine: Machine, line: string): Promise<[string, Running]> {
  const run = machine.run(line);
  await until(() => run.stdout.includes('\n') || run.status !== undefined);
  assert.equal(run.status, undefined, `${line}\n${run.stderr}`);
  return [run.stdout.trim(), run];
}

/** Stop a server, which has to end in good order. */
export async function stop(run: Running): Promise<void> {
  run.signal('SIGTERM');
  await until(() => run.status !== undefined);
  assert.equal(run.status, 0, run.stderr);
}

/** Open the full screen, wait until it shows this, and quit. */
export async function look(machine: Machine, line: string, wanted: RegExp): Promise<void> {
  const screen = machine.screen(line);
  await screen.waitFor(wanted);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0, line);
}

/** Remove all that is in a folder. */
export function empty(folder: string): void {
  for (const name of readdirSync(folder)) {
    rmSync(join(folder, name), {recursive: true});
  }
}

export function write(file: string, content: Uint8Array | string): void {
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, content);
}

/** What a line of a page looks like when it is printed here: digests, times and percentages have other digits. */
export function likeness(line: string): RegExp {
  const literal = line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `^${literal.replaceAll(/[0-9a-f]+…[0-9a-f]*/g, '[0-9a-f]{64}').replaceAll(/\d+ (?=ms|%)/g, '\\d+ ')}$`,
    'm',
  );
}

/** The folder has these files and no others; it is then emptied. */
export function hasFiles(folder: string, wanted: ReadonlyMap<string, Uint8Array>): void {
  const there = treeOf(folder);
  assert.deepEqual([...there.keys()].sort(), [...wanted.keys()].sort());
  for (const [name, content] of wanted) {
    assert.ok(there.get(name)?.equals(content), name);
  }

  empty(folder);
}

/** What the server says at the address where it has its numbers for Prometheus. */
export function numbersAt(machine: Machine, address: string): Promise<string> {
  const program = 'fetch(process.argv[1]).then(async answer => console.log(await answer.text()))';
  return type(machine, `'${process.execPath}' -e '${program}' http://${address}/metrics`);
}

/** The number of this name among them. */
export function numberOf(numbers: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(numbers)?.[1]);
}
