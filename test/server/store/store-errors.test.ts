import assert from 'node:assert/strict';
import {test} from 'node:test';
import {JangadaError} from '../../../protocol/errors.ts';
import {parseRemotePath} from '../../../protocol/remote-path.ts';
import {notAFile, refusePartial, storeError} from '../../../server/store/store-errors.ts';

const systemError = (code: string) => Object.assign(new Error(code), {code});

test('each error of the system has its code for clients, and keeps its cause for the log', () => {
  for (const [system, code] of [
    ['ENOENT', 'not_found'],
    ['ENOTDIR', 'not_found'],
    ['ELOOP', 'not_found'],
    ['ENAMETOOLONG', 'not_found'],
    ['EACCES', 'forbidden'],
    ['EPERM', 'forbidden'],
    ['EMFILE', 'busy'],
    ['ENFILE', 'busy'],
    ['EIO', 'internal'],
    ['ESTALE', 'internal'],
  ] as const) {
    const cause = systemError(system);
    const error = storeError(cause, 'folder/a\x1b');
    assert.equal(error.code, code, system);
    assert.equal(error.cause, cause);
    // The message is for clients: it has no word of the system in it, and no control character.
    assert.ok(!error.message.includes(system) && !error.message.includes('\x1b'), error.message);
    assert.equal(error.message.includes("'folder/a\\x1b'"), code !== 'busy', error.message);
  }

  assert.equal(storeError('no error at all', 'a').code, 'internal');
  const own = new JangadaError('bad_mask', 'It is one already');
  assert.equal(storeError(own, 'a'), own);
});

test('a path is refused if it leads through a name of a partial file, and only then', () => {
  for (const path of ['a.jangada-part', 'x/a.jangada-part', 'a.jangada-part/x', '.jangada-part']) {
    assert.throws(() => refusePartial(parseRemotePath(path)), {code: 'forbidden'}, path);
  }

  for (const path of ['', 'a', 'a.jangada-part.d', 'a.jangada-part.d/x', 'jangada-part']) {
    refusePartial(parseRemotePath(path));
  }
});

test('what is no file is named', () => {
  assert.match(notAFile('a', 'folder').message, /'a' is a folder, not a file/);
  assert.match(notAFile('a', 'other').message, /'a' is a FIFO, socket or device, not a file/);
});
