import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {nameFromBytes} from '../../../../protocol/remote-path.ts';
import {noise, startHarness} from '../../../fixtures/harness.ts';

for (const size of [9, 2 * blockSize]) {
  test(`a file of ${size} bytes is fetched although its escaped name is too long for the disk`, {
    skip: process.platform === 'linux' ? false : 'not all systems have names that are not UTF-8',
  }, async t => {
    const {root, target, download} = await startHarness(t);
    const bytes = Buffer.from('\xe9'.repeat(250), 'latin1');
    const folder = Buffer.concat([Buffer.from(`${root}/`), bytes]);
    mkdirSync(folder);
    writeFileSync(Buffer.concat([folder, Buffer.from('/'), bytes]), noise(size));
    const name = nameFromBytes(bytes);
    const [row] = await download([`${name}/${name}`], {sizes: true});
    assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
    const [made = ''] = readdirSync(target);
    const [file = ''] = readdirSync(join(target, made));
    assert.equal(row?.target, join(target, made, file));
    assert.ok(readFileSync(join(target, made, file)).equals(noise(size)));
  });

  test(`with rename, a file of ${size} bytes gets a free name although its name has 254 bytes`, async t => {
    const {serve, target, download} = await startHarness(t);
    const name = 'x'.repeat(254);
    serve(name, noise(size));
    mkdirSync(target);
    writeFileSync(join(target, name), 'mine');
    const [row] = await download([name], {sizes: true, onConflict: 'rename'});
    assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
    assert.match(row?.target ?? '', /\/x+~[0-9a-f]{16} \(2\)$/);
    assert.ok(readFileSync(row?.target ?? '').equals(noise(size)));
    assert.equal(readFileSync(join(target, name), 'utf8'), 'mine');
  });
}
