/** A server, a target folder with a list of checksums beside it, and functions for the lines of the list. */
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {TestContext} from 'node:test';
import {startHarness} from '../../../fixtures/harness.ts';
import {sha256sum} from '../../../fixtures/sha256sum.ts';
import type {Ran} from '../run.ts';

export const part = '.jangada-part';
export const timeout = 90_000;

export function digestOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function lineOf(name: string, bytes: Uint8Array | string): string {
  return `${digestOf(bytes)}  ${name}\n`;
}

/** The lines of a list, sorted. */
export function linesOf(list: string): string[] {
  return readFileSync(list, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => `${line}\n`)
    .sort();
}

/** Fails unless `sha256sum -c` in `folder` finds every line right, and `count` lines. */
export function assertRight(t: TestContext, folder: string, list: string, count: number): void {
  const checked = sha256sum(t, folder, '--strict', '-c', list);
  if (checked !== undefined) {
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    assert.equal(checked.stdout.match(/: OK$/gm)?.length, count);
  }
}

export function events({stdout}: Ran): Array<Record<string, unknown>> {
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
}

export async function place(t: TestContext, options: Parameters<typeof startHarness>[1] = {}) {
  const harness = await startHarness(t, options);
  const list = path.join(harness.target, '../list.sha256');
  const words = ['--checksums', list, '-o', harness.target, '-s', harness.server.address];
  return {...harness, list, words};
}

/** Flip one bit. */
export function flip(file: string, offset: number): void {
  const bytes = readFileSync(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}
