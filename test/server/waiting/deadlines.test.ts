import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {defaultDeadlines} from '../../../server/waiting/deadlines.ts';

const page = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8');

for (const [deadline, row] of [
  ['prefaceMs', /^\| PROXY header, TLS handshake, preface, login, each \| ([\d.]+) s \|/m],
  ['frameMs', /^\| a frame, from its first byte \| ([\d.]+) s \|/m],
  ['idleMs', /^\| a connection without a request \| ([\d.]+) s; /m],
  ['giveWayMs', /^\| a connection without a request \| .*; ([\d.]+) s if others wait/m],
  ['stallMs', /^\| a client that takes none of the bytes .* \| ([\d.]+) s \|/m],
  ['maskMs', /^\| matching of a mask without progress \| ([\d.]+) s \|/m],
] as const) {
  test(`${deadline} is as long as docs/security.md says`, () => {
    const [, seconds] = row.exec(page) ?? [];
    assert.equal(defaultDeadlines[deadline], Number(seconds) * 1000);
  });
}

test('progress comes at least every two seconds, as docs/protocol.md says', () => {
  assert.ok(defaultDeadlines.progressMs > 0 && defaultDeadlines.progressMs <= 1500);
});
