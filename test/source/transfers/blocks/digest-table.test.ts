import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import fc from 'fast-check';
import {digestSize} from '../../../../protocol/block.ts';
import {DigestTable} from '../../../../source/transfers/blocks/digest-table.ts';

test('a digest is found at its first place, and a digest that is not in the table is not found', () => {
  // Few different first bytes, so that many digests collide.
  const digest = fc
    .tuple(fc.nat(3), fc.nat(3), fc.nat(3))
    .map(([first, middle, last]) =>
      Buffer.alloc(digestSize).fill(first, 0, 4).fill(middle, 4, 31).fill(last, 31),
    );
  fc.assert(
    fc.property(
      fc.array(digest, {maxLength: 40}),
      fc.array(digest, {maxLength: 10}),
      (all, asked) => {
        const table = new DigestTable(Buffer.concat(all));
        const wanted = Buffer.concat(asked);
        for (const [at, one] of asked.entries()) {
          const expected = all.findIndex(other => other.equals(one));
          assert.equal(table.find(wanted, at * digestSize), expected);
        }
      },
    ),
  );
});

test('a file that repeats one block costs no more than any other', {timeout: 10_000}, () => {
  const count = 300_000;
  const digests = Buffer.alloc(count * digestSize, 9);
  const table = new DigestTable(digests);
  assert.equal(table.find(digests, (count - 1) * digestSize), 0);
  assert.equal(table.find(Buffer.alloc(digestSize, 8), 0), -1);
});
