/** PowerShell completes lines by its own function TabExpansion2, and then runs them. */
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {startHarness, temporaryFolder} from '../../fixtures/harness.ts';
import {patient} from './shell.ts';

const dist = path.join(import.meta.dirname, '../../../dist');
const isMissing = spawnSync('pwsh', ['-NoProfile', '-Command', 'exit']).status !== 0;

/** Completes each line at its end with the first candidate, and prints the arguments of the completed line. */
const script = `
jangada completion powershell | Out-String | Invoke-Expression
jangada-server completion powershell | Out-String | Invoke-Expression
foreach ($line in ($env:LINES_TO_COMPLETE | ConvertFrom-Json)) {
  $found = TabExpansion2 -inputScript $line -cursorColumn $line.Length
  $first = $found.CompletionMatches[0].CompletionText
  Invoke-Expression ($line.Remove($found.ReplacementIndex, $found.ReplacementLength) + $first)
}
`;

test('PowerShell completes commands, values, local folders, and names on the server with their quotes', {
  skip: isMissing ? 'pwsh is not installed' : false,
}, async t => {
  const {server, serve} = await startHarness(t);
  const names = ['a b.txt', "b'c.txt", 'c$(touch pwned).txt', 'd;e.txt', '1kb', '@f', 'é û.txt'];
  for (const name of names) {
    serve(name, '');
  }

  const home = temporaryFolder(t);
  mkdirSync(path.join(home, 'down loads'));
  for (const program of ['jangada', 'jangada-server']) {
    const file = path.join(home, program);
    writeFileSync(
      file,
      `#!/bin/sh
case $1 in
  __complete | completion) exec '${process.execPath}' '${dist}/${program}.js' "$@" ;;
esac
printf '%s\\0' "$@"
echo
`,
    );
    chmodSync(file, 0o755);
  }

  const rows: ReadonlyArray<readonly [line: string, words: readonly string[]]> = [
    ['jangada mg', ['mget']],
    ['jangada mget --on-conflict ren', ['mget', '--on-conflict', 'rename']],
    ['jangada sget --on-conflict=sk', ['sget', '--on-conflict=skip']],
    ['jangada-server --log-level de', ['--log-level', 'debug']],
    ...names.map(name => [`jangada sget '${name.slice(0, 1)}`, ['sget', name]] as const),
  ];
  const printed = execFileSync('pwsh', ['-NoProfile', '-NonInteractive', '-Command', script], {
    cwd: home,
    encoding: 'utf8',
    env: {
      ...process.env,
      ...patient,
      PATH: `${home}:${process.env.PATH}`,
      JANGADA_SERVER: server.address,
      JANGADA_STATE: path.join(home, 'state'),
      JANGADA_CONFIG: path.join(home, 'config'),
      LINES_TO_COMPLETE: JSON.stringify(rows.map(([line]) => line)),
    },
  });
  const words = printed
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split('\0').slice(0, -1));
  assert.deepEqual(
    words,
    rows.map(([, expected]) => expected),
  );
});
