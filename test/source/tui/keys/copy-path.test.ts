import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {DisplayText} from '../../../../protocol/display-text.ts';
import {copyPath} from '../../../../source/tui/keys/copy-path.ts';
import type {Messages} from '../../../../source/tui/model/messages.ts';

for (const [path, copied, message] of [
  ['a b/é.txt', ['a b/é.txt'], /^Copied: a b\/é\.txt$/],
  ['a\nrm -rf x', [], /^Not copied.*: a\\x0arm -rf x$/],
  ['a\u202eb', [], /^Not copied/],
  ['a\udcffb', [], /^Not copied.*: a\\xffb$/],
] as const) {
  test(`a path is copied as it is shown, or not at all: ${JSON.stringify(path)}`, () => {
    const texts: string[] = [];
    const said: DisplayText[] = [];
    // `copyPath` uses only this method.
    const messages = {say: (text: DisplayText) => said.push(text)} as unknown as Messages;
    const copy = (text: string) => texts.push(text) > 0;
    copyPath({copy, messages}, path);
    assert.deepEqual(texts, copied);
    assert.match(said.join(), message);
  });
}

test('without a clipboard, the message says so', () => {
  const said: DisplayText[] = [];
  const messages = {say: (text: DisplayText) => said.push(text)} as unknown as Messages;
  copyPath({copy: () => false, messages}, 'a');
  assert.match(said.join(), /^Nothing was copied: .*notices\.clipboard/);
});
