import assert from 'node:assert/strict';
import {test} from 'node:test';
import {UnboundKeys} from '../../../../source/tui/keys/unbound-keys.ts';

test('a key without a meaning is reported once, and does no harm', () => {
  const said: string[] = [];
  const unbound = new UnboundKeys({say: text => void said.push(text)});
  for (const name of ['x', 'x', 'f7', '\u202e', 'x']) {
    unbound.tell({name, text: ''});
  }

  assert.deepEqual(said, [
    'x does nothing here. Press ? for the keys.',
    'f7 does nothing here. Press ? for the keys.',
    '\\u{202e} does nothing here. Press ? for the keys.',
  ]);
});
