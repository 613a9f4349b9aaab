import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isWindowsDevice} from '../../protocol/windows-names.ts';
import {whyNotWindowsPath} from '../../server/store/folder/root/windows-names.ts';
import {localName} from '../../source/transfers/disk/local-name.ts';

const devices = ['con', 'NUL.txt', 'com0', 'LPT¹', 'aux .c', 'conin$', 'CONOUT$.log', 'prn.'];
const others = ['console', 'com10', 'xnul', 'con_', 'lpt', 'con$'];

for (const name of devices) {
  test(`${name} is a device of Windows: the server does not ask for it, the client renames it`, () => {
    assert.ok(isWindowsDevice(name));
    assert.notEqual(whyNotWindowsPath(`a/${name}`), undefined);
    assert.ok(!isWindowsDevice(localName(name, 'win32')));
  });
}

for (const name of others) {
  test(`${name} is a name like any other on Windows, on both sides`, () => {
    assert.ok(!isWindowsDevice(name));
    assert.equal(whyNotWindowsPath(`a/${name}`), undefined);
    assert.equal(localName(name, 'win32'), name);
  });
}
