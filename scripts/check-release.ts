/**
 * Check that a tag, package.json, package-lock.json and CHANGELOG.md name the same version:
 *
 *     node scripts/check-release.ts v0.2.0
 */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const root = path.join(import.meta.dirname, '..');
const [, , tag = ''] = process.argv;

const complaints = complaintsAbout(tag);
for (const complaint of complaints) {
  process.stderr.write(`${complaint}\n`);
}

process.exitCode = complaints.length === 0 ? 0 : 1;

function complaintsAbout(tag: string): string[] {
  const [, version] = /^v(\d+\.\d+\.\d+(?:-[\w.]+)?)$/.exec(tag) ?? [];
  if (version === undefined) {
    return [`'${tag}' is not a release tag: write v and the version, such as v0.2.0`];
  }

  const complaints: string[] = [];
  for (const file of ['package.json', 'package-lock.json']) {
    const {version: named} = JSON.parse(read(file));
    if (named !== version) {
      complaints.push(`${file} has version ${named}, but the tag has ${version}: run npm version`);
    }
  }

  const heading = `## [${version}] - `;
  const lines = read('CHANGELOG.md').split('\n');
  if (!lines.some(line => line.startsWith(heading) && /\d{4}-\d\d-\d\d$/.test(line))) {
    complaints.push(`CHANGELOG.md has no heading '## [${version}] - YYYY-MM-DD'`);
  }

  return complaints;
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}
