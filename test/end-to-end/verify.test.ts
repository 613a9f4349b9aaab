import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {statSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {digestOf} from '../../protocol/block.ts';
import {noise} from '../fixtures/harness.ts';
import {MiB, startJourney} from './journey.ts';

test('a damaged copy shows its bad blocks, R repairs it, and then it is the same in every pane', async t => {
  const content = noise(6 * MiB + 77);
  const {keep, saved, jangada} = await startJourney(t, {files: {'boat.bin': content}});
  const damaged = Buffer.from(content.subarray(0, 5 * MiB));
  for (const offset of [MiB + 1, 3 * MiB + 2]) {
    damaged[offset] = (damaged[offset] ?? 0) ^ 0x10;
  }

  keep('boat.bin', damaged);
  const screen = jangada();
  await screen.waitFor(/1 of 1 ─/);
  screen.type('v');
  const text = await screen.waitFor(/✗ differs {2}5\.24 MB[\s\S]*■ 3 good/);
  assert.match(text, /Verifier boat\.bin/);
  assert.match(text, /5\.24 MB here, 6\.29 MB there/);
  assert.match(text, /■ 3 good {2}□ 2 missing {2}✗ 2 bad/);
  // The map shows the blocks in their order.
  assert.match(text, /■+✗+■+✗+■+□+/);
  assert.match(text, /R repairs it: fetches 4 blocks, keeps 3\./);
  await screen.waitFor(/first difference at byte 1,048,577 \(block 1\)/);
  assert.ok(saved('boat.bin')?.equals(damaged), 'looking changes nothing');

  // The files pane still has the keys.
  screen.type('R');
  // The transfer, the files pane and the verdict agree, without another check.
  await screen.waitFor(
    /✓ same {2}6\.29 MB[^✗]*boat\.bin .* ✓ same[^✗]*✓ boat\.bin +verified, 3\.15 MB were here +6\.29 MB/,
  );
  assert.ok(saved('boat.bin')?.equals(content));
  screen.type('v');
  await screen.waitFor(/✓ same[\s\S]*■ 7 good[\s\S]*Nothing to repair\./);
});

test('a verified file is known after the next start, until another program changes it', async t => {
  const {keep, jangada} = await startJourney(t, {files: {'boat.bin': noise(2 * MiB)}});
  const first = jangada();
  await first.waitFor(/1 of 1 ─/);
  first.type('d');
  await first.waitFor(/boat\.bin .* ✓ same/);
  first.type('q');
  assert.equal((await first.ended()).status, 0);
  const screen = jangada();
  await screen.waitFor(/boat\.bin .* ✓ same/);
  keep('boat.bin', 'something else');
  await screen.waitFor(/boat\.bin .* (✗ differs|≠ newer)/);
});

test('the full screen knows the files that the command has verified, until another program changes them', async t => {
  const content = noise(3 * MiB);
  const files = {'alike.bin': content, 'boat.bin': content, 'other.bin': content};
  const {root, keep, target, jangada} = await startJourney(t, {files});
  for (const name of Object.keys(files)) {
    keep(name, name === 'other.bin' ? noise(3 * MiB, 2) : content);
    const {mtime} = statSync(join(root, name));
    utimesSync(join(target, name), mtime, mtime);
  }

  const command = jangada(['verify', 'boat.bin', 'other.bin']);
  await command.waitFor(/boat\.bin: verified, 3 blocks[\s\S]*other\.bin: differs/);
  assert.equal((await command.ended()).status, 5);
  const screen = jangada();
  // Nothing has compared `alike.bin`; only its size and time agree.
  await screen.waitFor(
    /alike\.bin .* ≈ alike[\s\S]*boat\.bin .* ✓ same[\s\S]*other\.bin .* ✗ differs/,
  );
  const repair = jangada(['verify', '--repair', 'other.bin']);
  assert.equal((await repair.ended()).status, 0);
  await screen.waitFor(/other\.bin .* ✓ same/);
  keep('boat.bin', 'something else');
  await screen.waitFor(/boat\.bin .* (✗ differs|≠ newer)/);
});

test('the full screen shows a verdict of another process, though no file has changed', async t => {
  const content = noise(3 * MiB);
  const {root, keep, target, jangada} = await startJourney(t, {files: {'boat.bin': content}});
  keep('boat.bin', content);
  const {mtime} = statSync(join(root, 'boat.bin'));
  utimesSync(join(target, 'boat.bin'), mtime, mtime);
  const screen = jangada();
  await screen.waitFor(/boat\.bin .* ≈ alike/);
  assert.equal((await jangada(['verify', 'boat.bin']).ended()).status, 0);
  await screen.waitFor(/boat\.bin .* ✓ same/);
});

test('the map of the blocks shows good, requested and missing blocks during a repair', async t => {
  const content = noise(24 * MiB);
  const {keep, saved, jangada, server} = await startJourney(t, {files: {'boat.bin': content}});
  const damaged = Buffer.from(content);
  damaged.fill(0, 6 * MiB, 18 * MiB);
  keep('boat.bin', damaged);
  const screen = jangada([server.address, '--connections', '1', '--limit', '2M']);
  await screen.waitFor(/1 of 1 ─/);
  screen.type('v');
  // Wait for the line about R: the map is complete a moment before the comparison has ended.
  await screen.waitFor(/■ 12 good {2}✗ 12 bad[\s\S]*R repairs it/);
  screen.type('2R');
  await screen.waitFor(/↓ fetching[\s\S]*■ 1[2-9] good {2}(□ \d+ missing {2})?▪ \d+ on the way/);
  await screen.waitFor(/■{6}[▪□ ]+■{6}/);
  await screen.waitFor(/✓ same {2}25\.2 MB/);
  assert.ok(saved('boat.bin')?.equals(content));
});

for (const size of [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
]) {
  test(`the map fills also on a screen that is not the worker, at ${size.columns} x ${size.rows}`, async t => {
    const content = noise(24 * MiB);
    const {keep, saved, jangada, server} = await startJourney(t, {files: {'boat.bin': content}});
    const damaged = Buffer.from(content);
    damaged.fill(0, 6 * MiB, 18 * MiB);
    keep('boat.bin', damaged);
    const slow = ['--connections', '1', '--limit', '1M'];
    const worker = jangada([server.address, ...slow], size);
    await worker.waitFor(/1 of 1/);
    const companion = jangada([server.address], size);
    await companion.waitFor(/1 of 1/);
    companion.type('v');
    await companion.waitFor(/■ 12 good {2}✗ 12 bad[\s\S]*R repairs it/);
    companion.type('2R');
    await companion.waitFor(/↓ fetching[\s\S]*■ 1[2-9] good[\s\S]*■{6}[■ ]+[▪□ ]+■{6}/);
    await companion.waitFor(/✓ same {2}25\.2 MB/);
    assert.ok(saved('boat.bin')?.equals(content));
  });
}

test('bytes after the end count as a difference, and R removes them', async t => {
  const content = noise(2 * MiB);
  const {keep, saved, jangada} = await startJourney(t, {files: {'boat.bin': content}});
  keep('boat.bin', Buffer.concat([content, Buffer.from('tail')]));
  const screen = jangada();
  await screen.waitFor(/1 of 1 ─/);
  screen.type('v');
  await screen.waitFor(/✗ differs[\s\S]*R /);
  screen.type('2R');
  await screen.waitFor(/✓ boat\.bin +verified/);
  assert.ok(saved('boat.bin')?.equals(content));
});

test('the file and its copy are hashed up to a typed position', async t => {
  const content = noise(MiB + 10);
  const {keep, jangada} = await startJourney(t, {files: {'boat.bin': content}});
  const other = Buffer.from(content);
  other[1000] = (other[1000] ?? 0) ^ 1;
  keep('boat.bin', other);
  const screen = jangada();
  await screen.waitFor(/1 of 1 ─/);
  screen.type('v');
  await screen.waitFor(/differs/);
  const digest = (length: number) =>
    createHash('sha256').update(content.subarray(0, length)).digest('hex').slice(0, 12);
  screen.type('2p');
  await screen.waitFor(/SHA-256 of the first bytes, up to:/);
  screen.type('1,000');
  screen.press('enter');
  await screen.waitFor(
    new RegExp(
      `first 1,000 bytes[\\s\\S]*SHA-256 +same[\\s\\S]*here +${digest(1000)}[\\s\\S]*there +${digest(1000)}`,
    ),
  );
  screen.type('p');
  await screen.waitFor(/SHA-256 of the first bytes, up to:/);
  screen.press('enter');
  await screen.waitFor(
    new RegExp(
      `first 1,048,586 bytes[\\s\\S]*SHA-256 +differs[\\s\\S]*there +${digest(content.length)}`,
    ),
  );
  screen.type('p');
  await screen.waitFor(/SHA-256 of the first bytes, up to:/);
  screen.press({text: 'many'}, 'enter');
  await screen.waitFor(/Invalid position 'many': type bytes, a size like 45M/);
  screen.press('escape');
  screen.type('ab');
  await screen.waitFor(/│ BLAKE3 {2}differs/);
  screen.type('p');
  await screen.waitFor(/BLAKE3 of the first bytes, up to:/);
  screen.press({text: '50%'}, 'enter');
  const half = digestOf('blake3', content.subarray(0, content.length / 2));
  await screen.waitFor(
    new RegExp(`first 524,293 bytes[\\s\\S]*there +${half.toString('hex').slice(0, 12)}`),
  );
});

test('v says if there is no copy', async t => {
  const {jangada} = await startJourney(t, {files: {'boat.bin': 'x'}});
  const screen = jangada();
  await screen.waitFor(/1 of 1 ─/);
  screen.type('v');
  await screen.waitFor(/There is no copy of boat\.bin in/);
});

for (const size of [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
]) {
  test(`hash of a file without a copy shows the digest of the server, at ${size.columns} x ${size.rows}`, async t => {
    const content = noise(100_000);
    const {jangada} = await startJourney(t, {files: {'boat.bin': content}, ...size});
    const screen = jangada();
    await screen.waitFor(/boat\.bin/);
    screen.type(':hash boat.bin:5000\r');
    const text = await screen.waitFor(/here {3}nothing to compare/);
    const digest = createHash('sha256').update(content.subarray(0, 5000)).digest('hex');
    assert.match(text, /SHA-256, first 5,000 bytes/);
    // A narrow screen leaves out the middle of the digest.
    assert.match(text, new RegExp(`there {2}${digest.slice(0, 8)}.*${digest.slice(-8)}`));
    screen.type('q');
    await screen.ended();
  });
}
