import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {suite, test} from 'node:test';
import {readSettings} from '../../../../source/config/read-settings.ts';
import {actionNames, customise} from '../../../../source/tui/keys/custom-keys.ts';
import {keyOf, serversKeyOf, setKeys, standardKeys} from '../../../../source/tui/keys/keymap.ts';

const {bindings: standardBindings} = standardKeys;
const keysOf = (wanted: Record<string, string[]>, action: string) =>
  customise(standardKeys, wanted)
    .bindings.filter(one => one.action === action)
    .map(one => one.keys);

suite('keys of the user', () => {
  test('replace those of the table, in every pane that has the action', () => {
    assert.deepEqual(keysOf({verify: ['V', 'f6']}, 'verify'), [
      ['V', 'f6'],
      ['V', 'f6'],
      ['V', 'f6'],
    ]);
    assert.deepEqual(customise(standardKeys, {}), {
      ...standardKeys,
      keys: {},
      mistakes: [],
    });
  });

  test('are written like the labels of a keyboard, and an action may have no key', () => {
    assert.deepEqual(keysOf({refresh: ['F9', 'Ctrl-X', 'shift-t']}, 'refresh'), [
      ['f9', 'ctrl-x', 'T'],
    ]);
    assert.deepEqual(keysOf({sort: []}, 'sort'), [[]]);
  });

  test('Ctrl-C always quits and Ctrl-Z always suspends', () => {
    assert.deepEqual(keysOf({quit: ['Q']}, 'quit'), [['Q', 'ctrl-c']]);
    assert.deepEqual(keysOf({suspend: []}, 'suspend'), [['ctrl-z']]);
    const {mistakes} = customise(standardKeys, {refresh: ['ctrl-c']});
    assert.match(mistakes[0]?.message ?? '', /always the key of "quit"/);
  });

  test('two actions can swap their keys', () => {
    const {bindings, mistakes} = customise(standardKeys, {sort: ['S'], reverse: ['s']});
    assert.deepEqual(mistakes, []);
    assert.deepEqual(bindings.find(({action}) => action === 'sort')?.keys, ['S']);
  });

  const wrong: ReadonlyArray<readonly [Record<string, string[]>, string, RegExp]> = [
    [{donwload: ['d']}, 'donwload', /unknown action "donwload"\. Write "download"/],
    [{zzzzzzzz: ['d']}, 'zzzzzzzz', /The actions are up, down, /],
    [
      {download: ['d', 'hyper-x']},
      'download',
      /"keys\.download" has no key "hyper-x"\. Write keys/,
    ],
    [{download: ['ctrl-m']}, 'download', /has no key "ctrl-m"/],
    [{download: ['']}, 'download', /has no key ""/],
    [{sort: ['v']}, 'sort', /"keys\.sort" cannot have "v": "verify" has it in the files pane/],
    [{sort: ['tab']}, 'sort', /"next-pane" has it in the files pane/],
    [{cancel: ['q']}, 'cancel', /"quit" has it in the transfers pane/],
    [{sort: ['X'], reverse: ['X']}, 'reverse', /"sort" has it/],
    [{constructor: ['X']}, 'constructor', /unknown action "constructor"/],
  ];
  for (const [wanted, action, message] of wrong) {
    test(`${JSON.stringify(wanted)} is a mistake, and this action keeps its keys`, () => {
      const {mistakes, bindings, keys} = customise(standardKeys, wanted);
      assert.deepEqual(
        mistakes.map(mistake => mistake.action),
        [action],
      );
      assert.match(mistakes[0]?.message ?? '', message);
      assert.ok(!Object.hasOwn(keys, action));
      assert.deepEqual(
        bindings.filter(one => one.action === action).map(one => one.keys),
        standardBindings.filter(one => one.action === action).map(one => one.keys),
      );
    });
  }

  test('if an action falls back to its standard keys, an action that has taken one of them falls back, too', () => {
    const {bindings, mistakes} = customise(standardKeys, {sort: ['tab'], download: ['s']});
    assert.deepEqual(mistakes.map(({action}) => action).sort(), ['download', 'sort']);
    assert.deepEqual(bindings, standardBindings);
  });

  test('every binding has the name of its action, and no two bindings of a pane have the same name', () => {
    for (const pane of ['files', 'verifier', 'transfers']) {
      const actions = standardBindings
        .filter(one => one.pane === undefined || one.pane === pane)
        .map(({action}) => action);
      assert.equal(new Set(actions).size, actions.length);
    }

    assert.ok(actionNames(standardKeys).every(name => /^[a-z]+(?:-[a-z]+)*$/.test(name)));
  });

  test('apply on the screen of servers, where an action has the same keys as in the panes', t => {
    const own = customise(standardKeys, {open: ['f9'], address: ['A'], quit: ['Q']});
    assert.deepEqual(own.mistakes, []);
    t.after(() => setKeys(standardKeys));
    setKeys(own);
    assert.deepEqual(['open', 'address', 'quit', 'forget'].map(serversKeyOf), [
      'F9',
      'A',
      'Q',
      '-',
    ]);
    const {mistakes} = customise(standardKeys, {address: ['*']});
    assert.match(mistakes[0]?.message ?? '', /"bookmark" has it on the screen of servers/);
  });

  test('sentences name the present key of an action', t => {
    assert.deepEqual(
      ['download', 'open', 'mark', 'help'].map(action => keyOf(action)),
      ['d', 'l', 'Space', '?'],
    );
    t.after(() => setKeys(standardKeys));
    setKeys(customise(standardKeys, {download: ['f9'], open: [], parent: ['up', 'U'], up: ['k']}));
    assert.deepEqual(
      ['download', 'open', 'parent'].map(action => keyOf(action)),
      ['F9', 'open', 'U'],
    );
  });

  test('docs/commands.md names every action', () => {
    const text = readFileSync('docs/commands.md', 'utf8');
    for (const action of actionNames(standardKeys)) {
      assert.ok(text.includes(`\`${action}\``), `docs/commands.md does not name ${action}`);
    }
  });

  test('a configuration with keys is read', () => {
    const {settings, mistakes} = readSettings('{"keys": {"sort": ["o"], "open": "l"}}');
    assert.deepEqual(settings.keys, {sort: ['o']});
    assert.match(mistakes[0]?.message ?? '', /"keys\.open" cannot be "l"\. Write a list of keys/);
  });
});
