import assert from 'node:assert/strict';
import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import {actionNames, customise} from '../../../../source/tui/keys/custom-keys.ts';
import {keyOf, setKeys, standardKeys} from '../../../../source/tui/keys/keymap.ts';
import {panes} from '../../../../source/tui/model/layout.ts';
import {say} from '../../../../source/tui/text/say.ts';
import {copyWords} from '../../../../source/tui/view/here/copy-words.ts';
import {laterLines} from '../../../../source/tui/view/here/verdict-now.ts';
import {transferLine} from '../../../../source/tui/view/transfers/transfer-line.ts';
import {verifierLines} from '../../../../source/tui/view/verifier/verifier-pane.tsx';

import {compared, report, states, textOf, unicode} from '../view/lines.ts';

const folder = join(import.meta.dirname, '../../../../source/tui');
const sources = globSync('**/*.{ts,tsx}', {cwd: folder})
  .sort()
  .map(file => ({file, text: readFileSync(join(folder, file), 'utf8')}));

/** In typed lines and questions, these keys always have the same meaning. */
const ofLines =
  /^keys\/(?:typing|help)\/|^keys\/servers\/\w+-line|^keys\/(?:dialogs\/limits-dialog|unbound-keys)|typing\/prompt\.ts$|view\/dialog|^reader\/question/;

/** A single letter that is not a word, or a key after "press". `a` and `A` are words, `s` and `B` are units. */
const sign = /(?:^|[\s(])[b-rt-zC-Z](?=[\s.,:;)]|$)|\b[Pp]ress [!-~](?=[\s.,:;)]|$)|: [-+*] /;
const name = /\b(?:Esc|Enter|Tab|Space|F\d+)\b/;

suite('sentences that name a key', () => {
  test('get the present key from the table', () => {
    const fixed = sources
      .filter(({file}) => file !== 'text/say.ts')
      .flatMap(({file, text}) =>
        [...text.matchAll(/\bsay`((?:[^`\\]|\\.)*)`/g)]
          .map(([, words = '']) => words.replaceAll(/\$\{[^}]*\}/g, '\0'))
          .filter(words => !ofLines.test(file) && (sign.test(words) || name.test(words)))
          .map(words => `${file}: ${words}`),
      );
    assert.deepEqual(fixed, []);
  });

  test('ask the table only for actions that exist', () => {
    const actions = actionNames(standardKeys);
    const asked = sources.flatMap(({file, text}) =>
      [...text.matchAll(/\b(?:keyOf|serversKeyOf|spokenKeyOf|spokenServersKeyOf)\('([^']+)'/g)].map(
        ([, action = '']) => ({
          file,
          action,
        }),
      ),
    );
    assert.ok(asked.length > 30);
    assert.deepEqual(
      asked.filter(({action}) => !actions.includes(action)),
      [],
    );
  });

  test("follow the user's keys", t => {
    t.after(() => setKeys(standardKeys));
    // For each action a letter that our sentences do not use.
    const letters = Object.fromEntries(
      actionNames(standardKeys).map((action, at) => [action, [String.fromCodePoint(0x410 + at)]]),
    );
    const own = customise(standardKeys, letters);
    assert.deepEqual(own.mistakes, []);
    setKeys(own);
    const verifier = (view: Parameters<typeof verifierLines>[1]['view']) =>
      verifierLines(unicode, {view, folder: say`/d`}, 90, 20);
    const nothing = {...compared(report([])), state: {name: 'nothing'}} as const;
    const lines = [
      ...states.map(row => transferLine(unicode, row, 120)),
      ...states.map(row => transferLine(unicode, {...row, size: undefined}, 120)),
      ...verifier(nothing),
      ...verifier({...nothing, state: {name: 'absent'}}),
      ...verifier({...nothing, state: {name: 'failed', reason: displayName('no')}}),
      ...verifier(compared(report(['bad', 'good']))),
      ...laterLines(unicode, {name: 'verified', size: 1}, 90, 9),
      ...laterLines(unicode, {name: 'outdated', isGone: true}, 90, 9),
      ...laterLines(unicode, {name: 'outdated', isGone: false}, 90, 9),
      copyWords(unicode.glyphs, 'differs').words,
    ].map(textOf);
    for (const line of lines) {
      // The file in these lines is called f.
      assert.doesNotMatch(line.replaceAll(' f ', ' '), sign);
    }

    assert.match(lines.join('\n'), new RegExp(`${keyOf('pause')} goes on`));
    for (const pane of panes) {
      assert.equal(keyOf('open', pane), letters.open?.[0]);
    }
  });

  test('name the key of the pane in which it is pressed', () => {
    assert.deepEqual([keyOf('open', 'files'), keyOf('open', 'verifier')], ['l', 'Enter']);
  });
});
