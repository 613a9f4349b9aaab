/**
 * Runs the tests with real engines, `*.engine.ts`: `npm run test:engines [-- NAME...]`, such as `gluster`.
 *
 * They run in their own namespaces, where daemons can use their usual ports and folders. No process, mount or file of an
 * engine outlives the run, however the run ends.
 */
import {spawn} from 'node:child_process';
import {globSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import process from 'node:process';
import {withTypeScript} from '../fixtures/with-typescript.ts';
import {isolation, ownNamespaces} from './isolation.ts';

const suffix = '.engine.ts';
const files = globSync(join(import.meta.dirname, `*${suffix}`)).sort();
const names = files.map(file => basename(file, suffix));
const wanted = process.argv.slice(2);
const unknown = wanted.filter(name => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no engine called ${unknown.join(' or ')}: there are ${names.join(', ')}`);
  process.exit(2);
}

const chosen = files.filter(
  (_, index) => wanted.length === 0 || wanted.includes(names[index] ?? ''),
);
const folder = mkdtempSync(join(tmpdir(), 'jangada-engines-'));
const words = [...withTypeScript, '--test', '--test-concurrency=1', ...chosen];
const [program = '', ...before] = [...isolation, process.execPath];
const child = spawn(program, [...before, ...words], {
  stdio: 'inherit',
  env: {...process.env, ...(before.length > 0 && {[ownNamespaces]: '1'}), TMPDIR: folder},
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // This child ends the first process of the namespaces, and with that process everything in them ends.
  process.on(signal, () => child.kill(before.length > 0 ? 'SIGKILL' : signal));
}

child.on('close', status => {
  rmSync(folder, {recursive: true, force: true, maxRetries: 20});
  process.exitCode = status ?? 1;
});
