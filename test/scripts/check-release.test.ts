import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {temporaryFolder} from '../fixtures/harness.ts';

test('a tag that agrees with package.json, its lock and the changelog is a release', t => {
  assert.deepEqual(check(t, 'v1.2.0', {version: '1.2.0', heading: '## [1.2.0] - 2026-11-29'}), {
    status: 0,
    complaints: [],
  });
});

test('each file that names another version is reported', t => {
  assert.deepEqual(check(t, 'v1.2.0', {version: '1.1.0', heading: '## [1.2.0]'}), {
    status: 1,
    complaints: [
      'package.json has version 1.1.0, but the tag has 1.2.0: run npm version',
      'package-lock.json has version 1.1.0, but the tag has 1.2.0: run npm version',
      "CHANGELOG.md has no heading '## [1.2.0] - YYYY-MM-DD'",
    ],
  });
});

test('a word that is not a release tag is refused', t => {
  for (const tag of ['', '1.2.0', 'v1.2', 'v1.2.0 ', 'v1.2.0;x']) {
    const {status, complaints} = check(t, tag, {version: '1.2.0', heading: ''});
    assert.equal(status, 1);
    assert.deepEqual(complaints, [
      `'${tag}' is not a release tag: write v and the version, such as v0.2.0`,
    ]);
  }
});

/** The output of the script for `tag`, in a checkout whose files have `version` and whose changelog has `heading`. */
function check(
  t: TestContext,
  tag: string,
  {version, heading}: {version: string; heading: string},
) {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'scripts'));
  const script = join(folder, 'scripts', 'check-release.ts');
  cpSync(new URL('../../scripts/check-release.ts', import.meta.url), script);
  for (const file of ['package.json', 'package-lock.json']) {
    writeFileSync(join(folder, file), JSON.stringify({type: 'module', version}));
  }

  writeFileSync(join(folder, 'CHANGELOG.md'), `# Changelog\n\n${heading}\n`);
  const {status, stderr} = spawnSync(process.execPath, [script, tag], {encoding: 'utf8'});
  return {status, complaints: stderr.split('\n').filter(line => line !== '')};
}
