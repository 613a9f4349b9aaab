import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {lookInForce, noticesInForce, transfersInForce} from '../../../source/config/in-force.ts';
import {readSettings} from '../../../source/config/read-settings.ts';

const utf8 = {LANG: 'C.UTF-8', TERM: 'xterm-256color'};
const none = readSettings('{}');
const some = readSettings(
  '{\n"theme": "light",\n"ascii": true,\n"limits": {"connections": 8},\n"onConflict": "skip"\n}',
);

suite('the settings in force', () => {
  test('are the defaults without a configuration', () => {
    assert.deepEqual(lookInForce(none, utf8), {
      theme: {value: 'auto', from: {kind: 'default'}},
      ascii: {value: false, from: {kind: 'default'}},
      mouse: {value: true, from: {kind: 'default'}},
      screenReader: {value: false, from: {kind: 'default'}},
      dates: {value: 'relative', from: {kind: 'default'}},
      sizes: {value: 'decimal', from: {kind: 'default'}},
    });
    assert.deepEqual(lookInForce(none, {}).ascii, {value: true, from: {kind: 'default'}});
    assert.ok(Object.values(noticesInForce(none)).every(({value}) => value));
    const {files, speed, onConflict} = transfersInForce(none, {});
    assert.deepEqual([files.value, speed.value, onConflict.value], [4, 'none', 'ask']);
  });

  test('come from the file before the default, and from a variable before the file', () => {
    const {theme, ascii} = lookInForce(some, utf8);
    assert.deepEqual(theme, {value: 'light', from: {kind: 'file', line: 2}});
    assert.deepEqual(ascii, {value: true, from: {kind: 'file', line: 3}});
    const by = lookInForce(some, {...utf8, JANGADA_ASCII: '0', JANGADA_THEME: 'dark'});
    assert.deepEqual(by.theme, {
      value: 'dark',
      from: {kind: 'environment', variable: 'JANGADA_THEME'},
    });
    assert.deepEqual(by.ascii, {
      value: false,
      from: {kind: 'environment', variable: 'JANGADA_ASCII'},
    });
    assert.equal(lookInForce(some, {...utf8, JANGADA_THEME: 'toString'}).theme.value, 'light');
  });

  test('have no theme with colours if colours are off', () => {
    for (const [variable, environment] of [
      ['NO_COLOR', {NO_COLOR: '1', JANGADA_THEME: 'dark'}],
      ['NO_COLOR', {NO_COLOR: '1', FORCE_COLOR: '1'}],
      ['FORCE_COLOR', {FORCE_COLOR: '0'}],
      ['TERM', {TERM: 'dumb'}],
    ] as const) {
      const from = {kind: 'environment', variable};
      assert.deepEqual(lookInForce(some, {...utf8, ...environment}).theme, {value: 'mono', from});
    }
  });

  test('the screen reader setting comes from the option, then a variable, then the file, then the terminal', () => {
    const chosen = (config: string, environment: Record<string, string>, written = {}) =>
      lookInForce(readSettings(config), {...utf8, ...environment}, written).screenReader;
    const off = '{"screenReader": false}';
    const by = (variable: string) => ({kind: 'environment', variable}) as const;
    const dumb = {TERM: 'dumb'};
    assert.deepEqual(chosen('{}', dumb), {value: true, from: by('TERM')});
    assert.deepEqual(chosen(off, dumb), {value: false, from: {kind: 'file', line: 1}});
    assert.deepEqual(chosen(off, {...dumb, INK_SCREEN_READER: 'true'}), {
      value: true,
      from: by('INK_SCREEN_READER'),
    });
    assert.equal(chosen('{"screenReader": true}', {INK_SCREEN_READER: 'false'}).value, false);
    assert.deepEqual(chosen(off, {INK_SCREEN_READER: 'false'}, {screenReader: true}), {
      value: true,
      from: {kind: 'option', option: '--screen-reader'},
    });
  });

  test('an option wins over the file, and --connections also sets the number of files', () => {
    const written = {connections: '2', onConflict: 'newer'};
    assert.deepEqual(transfersInForce(some, written), {
      files: {value: '2', from: {kind: 'option', option: '--connections'}},
      connections: {value: '2', from: {kind: 'option', option: '--connections'}},
      speed: {value: 'none', from: {kind: 'default'}},
      compress: {value: 'auto', from: {kind: 'default'}},
      onConflict: {value: 'newer', from: {kind: 'option', option: '--on-conflict'}},
    });
    assert.deepEqual(transfersInForce(some, {}).files, {value: 8, from: {kind: 'file', line: 4}});
  });
});
