import assert from 'node:assert/strict';
import {test} from 'node:test';
import {appSentences, placeSentences} from '../../../../source/tui/reader/app-sentences.ts';
import {openApp} from '../model/open-app.ts';

test('a search of the keys says how many while it is typed, which ones when it is entered, and its end', async t => {
  const {app, type} = await openApp(t, {a: ''});
  let before = app.view();
  const told = (keys: string): string[] => {
    type(keys);
    const now = app.view();
    const sentences = appSentences(before, now);
    before = now;
    return sentences;
  };
  assert.equal(told('?').at(-1), 'These are all keys. / slash searches them, Escape goes back.');
  assert.match(told('/').join(' '), /^Search the keys: /);
  assert.deepEqual(told('unmark all').slice(-1), ["1 key with 'unmark all'."]);
  const back = '\u001b[27u';
  const found = '\\ backslash: unmark all, also in other folders.';
  assert.deepEqual(told('\r'), ["1 key with 'unmark all'.", found]);
  assert.deepEqual(placeSentences(before), [
    "The keys with 'unmark all' are shown. Escape shows all.",
  ]);
  assert.deepEqual(told(back), ['All keys are shown again.']);
  assert.deepEqual(placeSentences(before), ['The keys are shown. Escape closes them.']);
  // A search that is typed and entered at once, and finds nothing.
  assert.deepEqual(told('/nothing at all\r'), ["No key has 'nothing at all'."]);
  assert.match(told(`/${back}`).join(' '), /All keys are shown again\./);
});
