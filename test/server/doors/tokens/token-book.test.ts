import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {chmodSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {readTokens, TokenBook} from '../../../../server/doors/tokens/token-book.ts';
import {failCalls} from '../../../fixtures/fail-calls.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

function startBook(t: TestContext, ...lines: string[]) {
  const file = join(temporaryFolder(t), 'tokens');
  const write = (...lines: string[]) => {
    writeFileSync(file, lines.map(line => `${line}\n`).join(''));
    chmodSync(file, 0o600);
  };
  write(...lines);
  const faults: string[] = [];
  return {book: new TokenBook(file, ({message}) => faults.push(message)), faults, file, write};
}

const proofOf = (token: string) => Buffer.from(token.padEnd(32));
const match = (book: TokenBook, token: string) => book.match(proofOf(token), proofOf)?.name;

test('the token of an address is the first for the whole root that has not expired', t => {
  const past = new Date(Date.now() - 1000).toISOString();
  const {book, write} = startBook(t, 'a=1 folder=x', `b=2 expires=${past}`, 'c=3', 'd=4');
  assert.equal(book.first?.name, 'c');
  write('a=1 folder=x');
  assert.equal(book.first, undefined);
});

test('a proof is that of one token, and of none that has expired or is no longer in the file', t => {
  const now = Date.now();
  t.mock.timers.enable({apis: ['Date'], now});
  const {book, write} = startBook(t, 'a=1', `b=2 expires=${new Date(now + 1000).toISOString()}`);
  assert.deepEqual([match(book, '1'), match(book, '2'), match(book, '3')], ['a', 'b', undefined]);
  t.mock.timers.tick(999);
  assert.equal(match(book, '2'), 'b');
  t.mock.timers.tick(1);
  assert.equal(match(book, '2'), undefined);
  write('c=3', 'd=3x');
  assert.deepEqual([match(book, '1'), match(book, '3')], [undefined, 'c']);
});

test('a token that is valid for another folder now is no longer the one that let its client in', t => {
  const {book, write} = startBook(t, 'a=1', 'b=2 folder=x');
  const first = book.match(proofOf('1'), proofOf) ?? assert.fail();
  const second = book.match(proofOf('2'), proofOf) ?? assert.fail();
  // Another name is no other token.
  write('b=2 folder=y', 'c=1');
  assert.deepEqual([book.isValid(first), book.isValid(second)], [true, false]);
  write('b=2 folder=x');
  assert.deepEqual([book.isValid(first), book.isValid(second)], [false, true]);
});

test('a file that can no longer be read lets nobody in, is told of once, and counts again once it can', t => {
  const {book, faults, file, write} = startBook(t, 'a=1');
  write('a=1 colour=red');
  assert.deepEqual([match(book, '1'), match(book, '1')], [undefined, undefined]);
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /tokens': Line 1 of the tokens cannot be read/);
  rmSync(file);
  assert.equal(match(book, '1'), undefined);
  assert.match(faults[1] ?? '', /does not exist/);
  write('a=1');
  assert.equal(match(book, '1'), 'a');
  assert.equal(faults.length, 2);
});

test('a fault of the disk lets nobody in while it lasts, and needs no change of the file to end', t => {
  const {book, faults, write} = startBook(t, 'a=1');
  const token = book.match(proofOf('1'), proofOf) ?? assert.fail();
  for (const round of [1, 2]) {
    write('a=1', `b=${round + 1}`);
    const end = failCalls(t, 'openSync', 'EIO');
    assert.deepEqual([match(book, '1'), match(book, '1')], [undefined, undefined]);
    assert.equal(book.isValid(token), false);
    assert.equal(faults.length, round, 'a fault is told of once');
    end();
    assert.equal(match(book, '1'), 'a');
    assert.equal(book.isValid(token), true);
  }

  assert.match(faults[0] ?? '', /tokens' cannot be read \(EIO\)/);
});

test('a file whose state cannot be read lets nobody in, and whoever asks gets an answer', t => {
  const {book, faults} = startBook(t, 'a=1');
  const token = book.match(proofOf('1'), proofOf) ?? assert.fail();
  const end = failCalls(t, 'statSync', 'EACCES');
  assert.deepEqual([book.isValid(token), book.isValid(token)], [false, false]);
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /tokens' cannot be read \(EACCES\)/);
  end();
  assert.equal(book.isValid(token), true);
});

test('while the process has no descriptor to read the file, the tokens stay as they were', t => {
  const {book, faults, file, write} = startBook(t, 'a=1');
  write('c=3');
  const end = failCalls(t, 'openSync', 'EMFILE');
  assert.deepEqual([match(book, '1'), match(book, '3')], ['a', undefined]);
  assert.equal(faults.length, 1);
  rmSync(file);
  assert.equal(match(book, '1'), undefined, 'that the file is gone needs no descriptor');
  write('c=3');
  end();
  assert.deepEqual([match(book, '1'), match(book, '3')], [undefined, 'c']);
});

test('a book needs a file with a token at its start', t => {
  const {file, write} = startBook(t, 'a=1');
  write('# none');
  assert.throws(() => new TokenBook(file, () => {}), {
    code: 'bad_request',
    message: /has no token/,
  });
  chmodSync(file, 0o644);
  assert.throws(() => readTokens(file), {code: 'local_io', message: /chmod 600/});
  assert.throws(() => readTokens(`${file}-none`), {code: 'not_found', message: /does not exist/});
});
