import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {decodeRoots, RootFrame, type RootRecord} from '../../../protocol/batches/root-list.ts';
import {frameKinds, headerSize, maxControlPayload} from '../../../protocol/frame.ts';

const file = {kind: 'file', size: 7, mtimeMs: 1.5, version: 'v'.repeat(64)} as const;
const rooted: RootRecord = {...file, root: Buffer.alloc(32, 3)};

function recordsOf(frame: Buffer | undefined, most = 1e6): RootRecord[] {
  assert.ok(frame !== undefined);
  assert.equal(frame[4], frameKinds.roots);
  assert.equal(frame.readUInt32BE(0), frame.length - headerSize);
  return decodeRoots(frame.subarray(headerSize), most);
}

test('a frame that is taken has the records since the last one, and none of its bytes change later', () => {
  const gathered = new RootFrame();
  assert.equal(gathered.take(), undefined);
  gathered.add(rooted);
  const first = gathered.take();
  assert.equal(gathered.take(), undefined);
  gathered.add({...file, root: undefined});
  gathered.add({...file, size: Number.MAX_SAFE_INTEGER, root: undefined});
  const second = gathered.take();
  assert.deepEqual(recordsOf(first), [rooted]);
  assert.deepEqual(recordsOf(second), [
    {...file, root: undefined},
    {...file, size: Number.MAX_SAFE_INTEGER, root: undefined},
  ]);
});

test('a frame is full after 64 KiB, and has room for the longest record until then', () => {
  const gathered = new RootFrame();
  const longest: RootRecord = {kind: 'error', code: 'internal', message: '\u20ac'.repeat(500)};
  let count = 0;
  while (!gathered.isFull) {
    gathered.add(longest);
    count++;
  }

  const frame = gathered.take();
  assert.ok(frame !== undefined && frame.length >= 65_536 && frame.length < maxControlPayload);
  assert.equal(gathered.isFull, false);
  assert.equal(recordsOf(frame).length, count);
});

test('the message of an error is cut to 200 characters, and left out where it would take too many bytes', () => {
  const sent = (message: string) => {
    const gathered = new RootFrame();
    gathered.add({kind: 'error', code: 'forbidden', message});
    const [record] = recordsOf(gathered.take());
    assert.ok(record?.kind === 'error');
    assert.equal(record.code, 'forbidden');
    return record.message;
  };
  assert.equal(sent('x'.repeat(200)), 'x'.repeat(200));
  assert.equal(sent('x'.repeat(201)), 'x'.repeat(200));
  // Half of a surrogate pair is no text.
  assert.equal(sent(`${'x'.repeat(199)}\u{1f400}`), `${'x'.repeat(199)}\ufffd`);
  assert.equal(sent('\u0001'.repeat(200)), '');
});

test('as many records as were asked about are taken, and no more', () => {
  const gathered = new RootFrame();
  gathered.add(rooted);
  gathered.add(rooted);
  const frame = gathered.take();
  assert.equal(recordsOf(frame, 2).length, 2);
  assert.throws(() => recordsOf(frame, 1), {code: 'protocol'});
});

test('a record keeps no memory of the frame that it came in', () => {
  const gathered = new RootFrame();
  gathered.add(rooted);
  const frame = gathered.take();
  const records = recordsOf(frame);
  frame?.fill(0);
  assert.deepEqual(records, [rooted]);
});
